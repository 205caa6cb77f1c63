package dev.hanse.control.allocator;

import dev.hanse.control.Context;
import dev.hanse.control.Isolation;
import dev.hanse.model.Driver;
import dev.hanse.model.IPAMConfig;
import dev.hanse.model.IPAMOptions;
import dev.hanse.model.Network;
import dev.hanse.model.NetworkAttachment;
import dev.hanse.model.Node;
import dev.hanse.store.Kind;
import dev.hanse.store.Transaction;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Gives networks their subnet and number, and nodes their place in the routing mesh. */
final class Networks {
  private static final String OVERLAY = "overlay";

  private final Transaction transaction;
  private final Context context;
  private final Isolation isolation;

  /** By network; sorted, so that what a pass writes does not depend on what it has looked at. */
  private final Map<String, Optional<AddressPool>> pools = new TreeMap<>();

  /** The addresses taken since the last {@link #begin}. */
  private final Deque<Taken> taken = new ArrayDeque<>();

  private record Taken(AddressPool pool, AddressPool.Given address) {}

  Networks(Transaction transaction, Context context, Isolation isolation) {
    this.transaction = transaction;
    this.context = context;
    this.isolation = isolation;
  }

  /** Gives each network what it still lacks. */
  void run() {
    for (Network network : transaction.snapshot().networksWaiting()) {
      isolation.run(
          "network",
          network.getId(),
          () -> allocate(network).ifPresent(given -> transaction.put(Kind.NETWORK, given)));
    }
  }

  /** Gives each node its place in the ingress network, if it has none. */
  void attachNodes() {
    transaction.snapshot().ingressNetwork().filter(Networks::isReady).ifPresent(this::attachNodes);
  }

  /** Whether tasks may be attached: the network has all that it needs. */
  static boolean isReady(Network network) {
    return network.hasDriverState();
  }

  /** Empty when pools or numbers are used up: the network stays as it is, and so do its tasks. */
  private Optional<Network> allocate(Network network) {
    Driver wanted = network.getSpec().getDriverConfig();
    if (!wanted.getName().isEmpty() && !wanted.getName().equals(OVERLAY)) {
      return Optional.of(network.toBuilder().setDriverState(wanted).build());
    }
    Optional<Integer> number = NetworkNumbers.next(transaction.snapshot(), network.getSpec());
    Optional<IPAMOptions> ipam = ipam(network.getSpec().getIpam());
    if (number.isEmpty() || ipam.isEmpty()) {
      return Optional.empty();
    }
    Driver state =
        wanted.toBuilder()
            .setName(OVERLAY)
            .putOptions(NetworkNumbers.OPTION, String.valueOf(number.get()))
            .build();
    return Optional.of(network.toBuilder().setDriverState(state).setIpam(ipam.get()).build());
  }

  private Optional<IPAMOptions> ipam(IPAMOptions wanted) {
    IPAMConfig given =
        wanted.getConfigsCount() == 0 ? IPAMConfig.getDefaultInstance() : wanted.getConfigs(0);
    Optional<Subnet> subnet =
        given.getSubnet().isEmpty()
            ? Subnets.next(transaction.snapshot())
            : Subnet.parse(given.getSubnet());
    return subnet.map(
        found -> {
          String gateway =
              given.getGateway().isEmpty() ? Subnet.format(found.base() + 1) : given.getGateway();
          IPAMConfig config =
              given.toBuilder()
                  .setFamily(IPAMConfig.AddressFamily.IPV4)
                  .setSubnet(found.toString())
                  .setGateway(gateway)
                  .build();
          Driver driver =
              wanted.getDriver().getName().isEmpty()
                  ? wanted.getDriver().toBuilder().setName("default").build()
                  : wanted.getDriver();
          return IPAMOptions.newBuilder().setDriver(driver).addConfigs(config).build();
        });
  }

  private void attachNodes(Network ingress) {
    for (Node node : transaction.snapshot().all(Kind.NODE)) {
      begin();
      if (!isolation.run("node", node.getId(), () -> attachNode(node, ingress))) {
        undo();
      }
    }
  }

  private void attachNode(Node node, Network ingress) {
    boolean attached =
        node.getAttachmentsList().stream()
            .anyMatch(attachment -> attachment.getNetwork().getId().equals(ingress.getId()));
    if (!attached) {
      attach(ingress).ifPresent(attachment -> put(node, attachment));
    }
  }

  private Optional<NetworkAttachment> attach(Network ingress) {
    Optional<Integer> ordinal = NodeOrdinals.next(transaction.snapshot());
    return ordinal.flatMap(
        number ->
            next(ingress)
                .map(
                    address ->
                        NodeOrdinals.with(
                            attachment(ingress).addAddresses(address).build(), number)));
  }

  /** A node is attached to the present ingress network and to no former one. */
  private void put(Node node, NetworkAttachment attachment) {
    transaction.put(
        Kind.NODE, node.toBuilder().clearAttachments().addAttachments(attachment).build());
  }

  /** An attachment without an address. */
  NetworkAttachment.Builder attachment(Network network) {
    return NetworkAttachment.newBuilder()
        .setNetwork(network.toBuilder().clearAddressCursor())
        .setMacAddress(randomMac());
  }

  /** What is taken from now on belongs together. */
  void begin() {
    taken.clear();
  }

  /** Gives back what was taken since {@link #begin}, as if nobody had asked. */
  void undo() {
    while (!taken.isEmpty()) {
      Taken last = taken.removeLast();
      last.pool().giveBack(last.address());
    }
  }

  /** The next free address of a network, in CIDR form. */
  Optional<String> next(Network network) {
    return pool(network).flatMap(pool -> pool.next().map(given -> taken(pool, given)));
  }

  /** A certain address of a network, in CIDR form, if it is free. */
  Optional<String> take(Network network, String address) {
    return pool(network).flatMap(pool -> pool.take(address).map(given -> taken(pool, given)));
  }

  private String taken(AddressPool pool, AddressPool.Given given) {
    taken.addLast(new Taken(pool, given));
    return given.cidr();
  }

  /** Whether the network gives out addresses at all. */
  boolean hasAddresses(Network network) {
    return pool(network).isPresent();
  }

  private Optional<AddressPool> pool(Network network) {
    return pools.computeIfAbsent(network.getId(), id -> AddressPool.of(transaction, network));
  }

  /** Keeps for the next pass where this one stopped. */
  void storeCursors() {
    pools.forEach(
        (id, pool) -> {
          Optional<Network> network = transaction.find(Kind.NETWORK, id);
          if (pool.isPresent()
              && network.isPresent()
              && !network.get().getAddressCursor().equals(pool.get().cursor())) {
            transaction.put(
                Kind.NETWORK,
                network.get().toBuilder().setAddressCursor(pool.get().cursor()).build());
          }
        });
  }

  /** Locally administered, unicast. */
  private String randomMac() {
    byte[] bytes = new byte[5];
    context.random().nextBytes(bytes);
    return "02:" + HexFormat.ofDelimiter(":").formatHex(bytes);
  }
}
