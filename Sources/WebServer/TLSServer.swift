internal import CMicrohttpd
internal import Glibc
internal import Synchronization
internal import System

/// The library's server for connections with TLS, which has a thread of its own.
///
/// @unchecked: the library's server may be used from any thread, and nothing here changes.
@safe final class TLSServer: ConnectionServer, @unchecked Sendable {
  private let raw: OpaquePointer
  /// The library keeps an unretained pointer to it until it is stopped.
  private let core: RequestHandler
  /// Locked so that the library is not called while it is stopped, and after.
  private let hasStopped = Mutex(false)
  let suspensions = Suspensions()

  init(_ core: RequestHandler) throws(Errno) {
    self.core = core
    unsafe raw = try startServer(for: core, hasTLS: true)
  }

  func add(_ connection: Connection) { unsafe core.give(connection, to: raw) }

  func resume(_ waiter: Waiter) {
    unsafe MHD_resume_connection(waiter.raw)
    suspensions.end()
  }

  func willWork(for lane: Lane) -> Bool { false }

  /// The library takes it ill to be told twice.
  func stop() {
    hasStopped.withLock { hasStopped in
      guard !hasStopped else { return }
      hasStopped = true
      guard suspensions.areOver() else { return }
      unsafe MHD_stop_daemon(raw)
    }
  }

  /// Whether its thread takes a connection and sees, by then, that nothing comes of it. Where there are no
  /// descriptors to try with, that is taken for granted.
  func comesRound(until end: MonotonicTime) -> Bool {
    var pair: (CInt, CInt) = (-1, -1)
    let type =
      CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue) | CInt(SOCK_NONBLOCK.rawValue)
    let isMade = unsafe withUnsafeMutableBytes(of: &pair) {
      unsafe socketpair(AF_UNIX, type, 0, $0.baseAddress!.assumingMemoryBound(to: CInt.self)) == 0
    }
    guard isMade else { return true }
    defer { close(pair.1) }
    shutdown(pair.1, CInt(SHUT_WR))
    let (libraryEnd, _) = pair
    let isAsked = hasStopped.withLock { hasStopped in
      guard !hasStopped else {
        close(libraryEnd)
        return false
      }
      var name = sockaddr(sa_family: sa_family_t(AF_UNIX), sa_data: sockaddr().sa_data)
      // From here on it is the library's to close.
      return unsafe MHD_add_connection(
        raw, libraryEnd, &name, socklen_t(MemoryLayout<sa_family_t>.size)) == .YES
    }
    guard isAsked else { return false }
    var wait = pollfd(fd: pair.1, events: Int16(POLLIN), revents: 0)
    while true {
      let left = (end - .now).wholeNanoseconds / 1_000_000
      let count = unsafe poll(&wait, 1, CInt(clamping: left))
      if count > 0 { return true }
      guard count < 0, errno == EINTR else { return false }
    }
  }
}
