package dev.hanse.network;

import dev.hanse.endpoints.Ipv4Address;
import dev.hanse.endpoints.Ipv4Subnet;
import dev.hanse.endpoints.MacAddress;
import dev.hanse.endpoints.NetworkEntry;
import dev.hanse.model.NetworkAttachment;
import dev.hanse.model.PortConfig;
import dev.hanse.text.Digits;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A task of this node as its network sees it.
 *
 * @param taskId the task's id
 * @param networking what kind of network it has
 */
public record LocalTask(String taskId, Networking networking) {
  private static final String VNI_OPTION = "com.docker.network.driver.overlay.vxlanid_list";

  /** What kind of network a task has. */
  public sealed interface Networking {
    /** The host's own. */
    record Host() implements Networking {}

    /**
     * A namespace of its own.
     *
     * @param attachments its overlay networks, in the order of the task
     * @param egress its address on the egress bridge; empty when it has no way out
     * @param hostPorts ports published on this node alone, each with its published port chosen
     */
    record Own(
        List<Attachment> attachments, Optional<Ipv4Address> egress, List<PortConfig> hostPorts)
        implements Networking {
      /** Copies the lists. */
      public Own {
        attachments = List.copyOf(attachments);
        hostPorts = List.copyOf(hostPorts);
      }

      /** Name of the link to the egress bridge, inside the namespace. */
      public String egressLink() {
        return "eth" + attachments.size();
      }

      /** The attachment to the routing mesh. */
      public Optional<Attachment> ingress() {
        return attachments.stream().filter(each -> each.network().ingress()).findFirst();
      }
    }
  }

  /**
   * A link to an overlay network.
   *
   * @param network the network as the task carries it
   * @param linkName inside the namespace
   * @param address with prefix length
   * @param mac hardware address
   * @param aliases names of the task in the network
   */
  public record Attachment(
      NetworkEntry network,
      String linkName,
      Ipv4Subnet address,
      MacAddress mac,
      List<String> aliases) {
    /** Copies the list. */
    public Attachment {
      aliases = List.copyOf(aliases);
    }
  }

  /** What a task asks for, before an egress address and dynamic ports are chosen for it. */
  public sealed interface Asked {
    /** The host's own network. */
    record Host() implements Asked {}

    /**
     * A namespace of its own.
     *
     * @param attachments its overlay networks
     * @param egress does it need a way out?
     * @param hostPorts as asked: published port 0 means any
     */
    record Own(List<Attachment> attachments, boolean egress, List<PortConfig> hostPorts)
        implements Asked {}

    /**
     * It cannot be done.
     *
     * @param reason fit for the task's status
     */
    record Impossible(String reason) implements Asked {}
  }

  /** Reads a workload's networks and ports. */
  public static Asked asked(List<NetworkAttachment> networks, List<PortConfig> ports) {
    List<Attachment> attachments = new ArrayList<>();
    boolean none = false;
    for (NetworkAttachment each : networks) {
      switch (driver(each)) {
        case "host" -> {
          return new Asked.Host();
        }
        case "null", "none" -> none = true;
        case "bridge" -> {}
        case "overlay" -> {
          Optional<Attachment> attachment = attachment(each, "eth" + attachments.size());
          if (attachment.isEmpty()) {
            return new Asked.Impossible(
                "network %s: the attachment has no usable address, hardware address or VXLAN"
                        .formatted(name(each))
                    + " identifier");
          }
          attachments.add(attachment.get());
        }
        case String other -> {
          return new Asked.Impossible(
              "network %s: driver \"%s\" is not supported".formatted(name(each), other));
        }
      }
    }
    List<PortConfig> hostPorts =
        ports.stream()
            .filter(port -> port.getPublishMode() == PortConfig.PublishMode.HOST)
            .toList();
    boolean onlyInternal =
        !attachments.isEmpty()
            && attachments.size() == networks.size()
            && attachments.stream().allMatch(each -> each.network().internal());
    return new Asked.Own(List.copyOf(attachments), !none && !onlyInternal, hostPorts);
  }

  private static String driver(NetworkAttachment attachment) {
    var network = attachment.getNetwork();
    String state = network.getDriverState().getName();
    String spec = network.getSpec().getDriverConfig().getName();
    return !spec.isEmpty() ? spec : !state.isEmpty() ? state : "overlay";
  }

  private static String name(NetworkAttachment attachment) {
    return attachment.getNetwork().getSpec().getAnnotations().getName();
  }

  private static Optional<Attachment> attachment(NetworkAttachment wire, String linkName) {
    var network = wire.getNetwork();
    Optional<Integer> vni =
        Optional.of(network.getDriverState().getOptionsOrDefault(VNI_OPTION, ""))
            .filter(text -> Digits.are(text, 8))
            .map(Integer::valueOf)
            .filter(number -> number > 0 && number < 1 << 24);
    Optional<Ipv4Subnet> address =
        wire.getAddressesList().stream()
            .flatMap(text -> Ipv4Subnet.parse(text).stream())
            .findFirst();
    Optional<MacAddress> mac = MacAddress.parse(wire.getMacAddress());
    Optional<NetworkEntry> entry = vni.flatMap(number -> NetworkEntry.of(network, number));
    if (entry.isEmpty() || address.isEmpty() || mac.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new Attachment(entry.get(), linkName, address.get(), mac.get(), wire.getAliasesList()));
  }
}
