internal import CMicrohttpd
internal import CReceive
internal import Glibc
internal import System

/// Has the library return from its wait for sockets.
///
/// Where it has no thread of its own, only a socket can do that. So this is a connection of which no
/// request ever comes.
@safe final class Waker: Receiver {
  private let end: CInt
  private let libraryEnd: CInt

  /// Gives the library its end, which it closes when it is stopped.
  init(_ server: OpaquePointer) throws(Errno) {
    var pair: (CInt, CInt) = (-1, -1)
    let type =
      CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue) | CInt(SOCK_NONBLOCK.rawValue)
    _ = try valueOrErrno {
      Int(
        unsafe withUnsafeMutableBytes(of: &pair) {
          unsafe socketpair(AF_UNIX, type, 0, $0.baseAddress!.assumingMemoryBound(to: CInt.self))
        })
    }
    (end, libraryEnd) = pair
    receivers.add(self, for: libraryEnd)
    var name = sockaddr(sa_family: sa_family_t(AF_UNIX), sa_data: sockaddr().sa_data)
    guard
      unsafe MHD_add_connection(
        server, libraryEnd, &name, socklen_t(MemoryLayout<sa_family_t>.size)) == .YES
    else {
      let error = Errno.last
      disconnect()
      throw error
    }
  }

  deinit { close(end) }

  /// To be called before the library is stopped.
  func disconnect() { receivers.remove(self, for: libraryEnd) }

  func wake() {
    var byte: UInt8 = 0
    // Where there is no room for it, others have woken it.
    _ = unsafe send(end, &byte, 1, CInt(MSG_DONTWAIT) | CInt(MSG_NOSIGNAL))
  }

  func read(_ buffer: UnsafeMutableRawBufferPointer, _ flags: CInt) -> Int {
    while unsafe receive(libraryEnd, buffer.baseAddress, buffer.count, CInt(MSG_DONTWAIT)) > 0 {}
    errno = EAGAIN
    return -1
  }
}
