package dev.hanse.bounds;

/**
 * The kinds of buffers that outsiders can fill, and what each kind may take of the heap in total:
 * limits for each client alone do not help against many clients. Who buffers something that is not
 * in this table adds a line to it. All parts together are at most nine sixteenths of the heap.
 *
 * <table>
 *   <caption>Buffers filled from outside</caption>
 *   <tr><th>what<th>bounded by<th>over it
 *   <tr><td>output of attach and exec that its client has not read<td>{@link #OUTPUT}, and 32 MiB a
 *       client<td>the client that has read nothing for longest is cut
 *   <tr><td>JSON bodies of requests<td>{@link #REQUESTS}, and 4 MiB a body<td>the body that has not
 *       moved for longest is cut; 503 if all are being worked on
 *   <tr><td>manifests, indexes, configurations, tokens of registries and archives<td>{@link
 *       #DOCUMENTS}, and 4 or 8 MiB a document<td>503
 *   <tr><td>archives that are loaded or imported<td>{@link #ARCHIVES}, 8 MiB each<td>503
 *   <tr><td>blobs that are downloaded<td>{@link #DOWNLOADS}, 768 KiB each, and 24 of a registry
 *       <td>tried again five times, then 503
 *   <tr><td>service logs gathered on a manager<td>{@link #NODE_CALLS}, and 1 MiB a reader<td>the
 *       nodes are made to wait; the reader that has taken nothing for longest is cut
 *   <tr><td>calls between managers and nodes<td>{@link #NODE_CALLS}, and a window of at most 1 MiB a
 *       call<td>the sender waits; the call that has taken nothing for longest is cut
 *   <tr><td>what workers tell managers<td>64 calls a worker, with a request of 64 KiB or messages
 *       of 512 KiB that are not kept<td>refused; a longer one costs the connection when announced
 *   <tr><td>what is stored of it<td>a form and a length for each part ({@code NodeReports})<td>cut
 *       short, or refused
 *   <tr><td>configurations of the images of one archive<td>{@link #DOCUMENTS}, and 10,000 images
 *       and names<td>503
 *   <tr><td>execs that are remembered<td>1,024, and 8 MiB of commands<td>the oldest that does not
 *       run is forgotten; 503 if all run
 *   <tr><td>events<td>1,024, and 8 MiB<td>the oldest is forgotten
 *   <tr><td>{@code /events}, {@code /logs}, {@code /stats}, {@code /wait}<td>written as they are
 *       made, from the events kept or from disk: a slow client is waited for<td>–
 *   <tr><td>answers longer than 32 KiB<td>{@link #ANSWERS}; lists ({@code LongBody}, {@code
 *       Listing}) are made while they are sent and count 128 KiB<td>the client that has taken
 *       nothing for longest is cut; 503 if one alone is too long
 *   <tr><td>images' configurations and user files that are remembered<td>{@link #IMAGES_DIVISOR}
 *       <td>what was used least recently is read again
 *   <tr><td>assignments and endpoint rows for nodes<td>sent when the stream takes one, else the
 *       newest state later<td>–
 *   <tr><td>mailboxes of loops<td>a number of messages (10,000 at most), each made by us<td>who
 *       posts waits
 * </table>
 */
public final class HeapShares {
  /** What processes have written and clients of attach and exec have not read. */
  public static final MemoryShare OUTPUT = ofHeap(8);

  /** Request bodies and the trees made of them. */
  public static final MemoryShare REQUESTS = ofHeap(8);

  /** Documents of registries and archives, and the trees made of them. */
  public static final MemoryShare DOCUMENTS = ofHeap(8);

  /** Buffers of archives under way. */
  public static final MemoryShare ARCHIVES = ofHeap(16);

  /** Buffers of downloads from registries. */
  public static final MemoryShare DOWNLOADS = ofHeap(16);

  /** What nodes have sent, lines of logs and more, and its reader has not taken; and back. */
  public static final MemoryShare NODE_CALLS = ofHeap(32);

  /** Answers that their clients have not taken. */
  public static final MemoryShare ANSWERS = ofHeap(64);

  /** What is remembered of images may take this part of the heap. */
  public static final int IMAGES_DIVISOR = 64;

  private HeapShares() {}

  /** What is remembered of images may take, bytes; each of its caches a half. */
  public static long imageBytesMax() {
    return Runtime.getRuntime().maxMemory() / IMAGES_DIVISOR;
  }

  private static MemoryShare ofHeap(int divisor) {
    return new MemoryShare(Runtime.getRuntime().maxMemory() / divisor);
  }
}
