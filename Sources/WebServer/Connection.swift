internal import CLinux
internal import CMicrohttpd
internal import Glibc
internal import Synchronization
internal import System
internal import TLS

/// A connection of a client, from accept(2) to close(2).
///
/// @unchecked: what changes is atomic, but for what is the acceptor's own, and for `current`, which only the thread that serves
/// connections touches, or the worker that it has handed the request to.
final class Connection: @unchecked Sendable {
  enum Phase: UInt8 {
    /// Its first head is awaited; the acceptor has it.
    case gate
    /// It was refused, and what it still sends is thrown away so that it can read why.
    case refused
    /// A head is being received.
    case head
    /// Its request is being answered.
    case working
    /// Its answer is being sent.
    case answering
    /// It waits for its next request.
    case idle
  }

  let descriptor: CInt
  let peer: Peer
  let accepted: MonotonicTime
  private let phaseNow: Atomic<UInt8>
  private let phaseBegan: Atomic<MonotonicTime>
  /// Set once it was told to close, from when on it counts no more.
  let isClosing = Atomic<Bool>(false)
  /// Bytes that the client had sent when it was last looked at while idle; −1 where it was not.
  let bytesWhenIdle = Atomic<Int64>(-1)
  /// Whether the acceptor watches it. The acceptor's own.
  var isWatched = false
  /// What its client shakes hands with; nil for a connection without TLS. Set once, before it is let in.
  var tls: ServerTLS?
  /// What the library reads of it goes through this. Set once, before the library reads.
  var reader: HeadReader?
  /// Who serves it, from when it is let in until it is closed.
  var server: (any ConnectionServer)?
  /// The request that is under way.
  var current = CurrentRequest()

  init(_ descriptor: CInt, _ peer: Peer, at time: MonotonicTime) {
    self.descriptor = descriptor
    self.peer = peer
    accepted = time
    phaseNow = Atomic(Phase.gate.rawValue)
    phaseBegan = Atomic(time)
  }

  var phase: Phase { Phase(rawValue: phaseNow.load(ordering: .acquiring))! }

  /// Since when it is in its phase.
  var since: MonotonicTime { phaseBegan.load(ordering: .relaxed) }

  func enter(_ phase: Phase, at time: MonotonicTime) {
    phaseBegan.store(time, ordering: .relaxed)
    phaseNow.store(phase.rawValue, ordering: .releasing)
  }

  /// Whether a newcomer may take its place: it only waits for its client, and has for a while where
  /// that is about to read an answer, or to end a later head. Who reads takes an answer in less; a
  /// second would leave no place at all where many do not read, and come again.
  func mayGiveWay(at now: MonotonicTime) -> Bool {
    switch phase {
    case .gate, .refused, .idle: true
    // A whole head is the library's for a moment before its request is answered.
    case .head: now - since > .seconds(1)
    case .answering: now - since > .milliseconds(100)
    // One that has said its last may have gone.
    case .working: now - since > .seconds(1) && isHalfClosed
    }
  }

  /// Whether its client has said its last.
  var isHalfClosed: Bool {
    var poll = pollfd(fd: descriptor, events: poll_half_closed, revents: 0)
    return unsafe Glibc.poll(&poll, 1, 0) > 0
  }

  /// Tells both sides that it is over; the library then closes it.
  func shutDown() { shutdown(descriptor, CInt(SHUT_RDWR)) }
}

/// What is known of the request on a connection between the library's calls for it.
struct CurrentRequest {
  /// False until the library has called for the first time, with the headers.
  var hasBegun = false
  /// Whether it counts as in flight.
  var isCounted = false
  /// Whether it is within the rate that is allowed; asked once.
  var isAdmitted = false
  var login = Login.unasked

  /// What is known of the name and password that it came with.
  enum Login {
    case unasked, right, wrong
    /// Nobody came to compare them in time.
    case late
  }

  /// The last request's head and how it is answered, kept for the next that is the same.
  var last: PlannedRequest?
}

/// Where a connection comes from, as far as limits go by it.
struct Peer: Hashable, Sendable {
  private let family: UInt8
  private let high: UInt64
  private let low: UInt64

  /// Unix sockets are all alike, and have no limit of their own.
  var hasLimit: Bool { family != 0 }

  /// IPv4 addresses by themselves, also where IPv6 carries them; IPv6 by the network of 64 bits that
  /// one host may have all of; machines behind vsock by their number (CID).
  init(_ storage: sockaddr_storage) {
    switch CInt(storage.ss_family) {
    case AF_INET:
      let name = unsafe withUnsafeBytes(of: storage) {
        unsafe $0.loadUnaligned(as: sockaddr_in.self)
      }
      (family, high, low) = (4, 0, UInt64(name.sin_addr.s_addr))
    case AF_INET6:
      let name = unsafe withUnsafeBytes(of: storage) {
        unsafe $0.loadUnaligned(as: sockaddr_in6.self)
      }
      let words = unsafe withUnsafeBytes(of: name.sin6_addr) {
        unsafe (
          $0.loadUnaligned(as: UInt64.self), $0.loadUnaligned(fromByteOffset: 8, as: UInt64.self)
        )
      }
      let isMapped = words.0 == 0 && UInt32(truncatingIfNeeded: words.1.littleEndian) == 0xffff_0000
      (family, high, low) = isMapped ? (4, 0, words.1.littleEndian >> 32) : (6, words.0, 0)
    case AF_VSOCK:
      let name = unsafe withUnsafeBytes(of: storage) {
        unsafe $0.loadUnaligned(as: vsock_name.self)
      }
      (family, high, low) = (40, 0, UInt64(name.cid))
    default:
      (family, high, low) = (0, 0, 0)
    }
  }
}
