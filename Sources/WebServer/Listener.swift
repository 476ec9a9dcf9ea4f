internal import CLinux
internal import CMicrohttpd
internal import Glibc

/// A listening socket, which we own rather than libmicrohttpd: so a taken port has its errno, port
/// 0 can be asked for its number, and systemd can hand one over.
package struct Listener: ~Copyable, Sendable {
  let descriptor: CInt
  /// The address that was bound, with the real port: `[::]:10057`, `unix:/run/x.sock`.
  package let address: String
  private let socketFile: SocketFile?

  /// Opens a socket at `address`.
  package init(_ address: ListenAddress) throws(ListenError) {
    switch address {
    case .tcp(let host, let port):
      descriptor = try openTCP(host: host, port: port, address: address)
      socketFile = nil
    case .unix(let path):
      descriptor = try openUnix(path, address: address)
      socketFile = SocketFile(path)
    case .vsock(let port):
      descriptor = try openVsock(port: port, address: address)
      socketFile = nil
    }
    self.address = boundAddress(descriptor) ?? address.description
  }

  /// Takes over a socket that listens already.
  init(inherited descriptor: CInt) throws(ListenError) {
    self.descriptor = descriptor
    address = boundAddress(descriptor) ?? "descriptor \(descriptor)"
    socketFile = nil
    guard option(SO_TYPE, of: descriptor) == CInt(SOCK_STREAM.rawValue),
      option(SO_ACCEPTCONN, of: descriptor) == 1
    else {
      throw ListenError(
        address: address,
        reason:
          "the socket that systemd passed is not a listening stream socket (Accept=yes is not supported)"
      )
    }
    setNonBlocking(descriptor)
  }

  deinit {
    close(descriptor)
    socketFile?.remove()
  }
}

/// The file of a Unix socket: removed at the end where it is still the one that was made.
private struct SocketFile: Sendable {
  private let path: String
  private let device: dev_t
  private let inode: ino_t

  /// Nil where it is gone already.
  init?(_ path: String) {
    var status = stat()
    guard unsafe lstat(path, &status) == 0 else { return nil }
    self.path = path
    (device, inode) = (status.st_dev, status.st_ino)
  }

  func remove() {
    var status = stat()
    guard unsafe lstat(path, &status) == 0, status.st_dev == device, status.st_ino == inode else {
      return
    }
    unsafe unlink(path)
  }
}

/// An option of a socket's own level. Nil where the descriptor is no socket.
private func option(_ name: CInt, of descriptor: CInt) -> CInt? {
  var value: CInt = 0
  var length = socklen_t(MemoryLayout<CInt>.size)
  return unsafe getsockopt(descriptor, SOL_SOCKET, name, &value, &length) == 0 ? value : nil
}

extension Listener {
  /// A listener that an array can hold.
  final class Shared: Sendable {
    private let listener: Listener

    init(_ listener: consuming Listener) { self.listener = listener }

    var descriptor: CInt { listener.descriptor }
  }
}

/// Why the server cannot listen: `cannot listen on :10057: Address already in use`.
package struct ListenError: Error, Hashable, Sendable, CustomStringConvertible {
  package let address: String
  package let reason: String
  /// The errno. Nil where it was no system call that failed.
  package var number: CInt?

  package var description: String { "cannot listen on \(address): \(reason)" }
}

/// How many connections may wait to be accepted.
private let backlog: CInt = 128

private func fail(_ address: ListenAddress, _ number: CInt = errno) -> ListenError {
  unsafe ListenError(
    address: address.description, reason: String(cString: strerror(number)), number: number)
}

private func openTCP(
  host: String?, port: UInt16, address: ListenAddress
) throws(ListenError) -> CInt {
  guard let host else {
    // One socket for both families, unless the kernel has no IPv6.
    if let both = try open(AF_INET6, "::", port, address, dualStack: true) { return both }
    return try open(AF_INET, "0.0.0.0", port, address)!
  }
  return try open(AF_UNSPEC, host, port, address)!
}

/// Nil where the family is not to be had and `dualStack` allows for that.
private func open(
  _ family: CInt, _ host: String, _ port: UInt16, _ address: ListenAddress, dualStack: Bool = false
) throws(ListenError) -> CInt? {
  var hints = unsafe addrinfo()
  unsafe hints.ai_family = family
  unsafe hints.ai_socktype = CInt(SOCK_STREAM.rawValue)
  unsafe hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV
  var list: UnsafeMutablePointer<addrinfo>?
  let code = unsafe getaddrinfo(host, "\(port)", &hints, &list)
  guard code == 0, let found = unsafe list else {
    if dualStack { return nil }
    throw unsafe ListenError(
      address: address.description, reason: String(cString: gai_strerror(code)))
  }
  defer { unsafe freeaddrinfo(list) }
  let type = CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue) | CInt(SOCK_NONBLOCK.rawValue)
  let descriptor = unsafe socket(found.pointee.ai_family, type, 0)
  guard descriptor >= 0 else {
    if dualStack, errno == EAFNOSUPPORT { return nil }
    throw fail(address)
  }
  setOption(descriptor, SOL_SOCKET, SO_REUSEADDR, true)
  if unsafe found.pointee.ai_family == AF_INET6 {
    setOption(descriptor, CInt(IPPROTO_IPV6), IPV6_V6ONLY, !dualStack)
  }
  guard unsafe bind(descriptor, found.pointee.ai_addr, found.pointee.ai_addrlen) == 0,
    listen(descriptor, backlog) == 0
  else {
    let number = errno
    close(descriptor)
    if dualStack, number == EADDRNOTAVAIL { return nil }
    throw fail(address, number)
  }
  return descriptor
}

private func setOption(_ descriptor: CInt, _ level: CInt, _ name: CInt, _ isOn: Bool) {
  var value: CInt = isOn ? 1 : 0
  unsafe setsockopt(descriptor, level, name, &value, socklen_t(MemoryLayout<CInt>.size))
}

private func openUnix(_ path: String, address: ListenAddress) throws(ListenError) -> CInt {
  let type = CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue) | CInt(SOCK_NONBLOCK.rawValue)
  let descriptor = socket(AF_UNIX, type, 0)
  guard descriptor >= 0 else { throw fail(address) }
  var name = unixName(path)
  if isSocket(path), probe(&name) == ECONNREFUSED {
    // Left by a process that is gone: nobody listens there.
    unsafe unlink(path)
  }
  guard bind(descriptor, &name) == 0, listen(descriptor, backlog) == 0 else {
    let number = errno
    close(descriptor)
    throw fail(address, number)
  }
  return descriptor
}

private func openVsock(port: UInt32, address: ListenAddress) throws(ListenError) -> CInt {
  let type = CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue) | CInt(SOCK_NONBLOCK.rawValue)
  let descriptor = socket(AF_VSOCK, type, 0)
  guard descriptor >= 0 else {
    guard errno != EAFNOSUPPORT else {
      throw ListenError(
        address: address.description,
        reason: "this kernel has no vsock (its module is missing, or the host's)"
      )
    }
    throw fail(address)
  }
  var name = vsock_name()
  name.family = sa_family_t(AF_VSOCK)
  name.cid = vsock_any_cid
  name.port = port == 0 ? vsock_any_port : port
  guard bind(descriptor, &name) == 0, listen(descriptor, backlog) == 0 else {
    let number = errno
    close(descriptor)
    throw fail(address, number)
  }
  return descriptor
}

/// connect(2) to any other file is refused as well: such a file is not ours to remove.
private func isSocket(_ path: String) -> Bool {
  var status = stat()
  return unsafe lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFSOCK
}

private func unixName(_ path: String) -> sockaddr_un {
  var name = sockaddr_un()
  name.sun_family = sa_family_t(AF_UNIX)
  unsafe withUnsafeMutableBytes(of: &name.sun_path) { unsafe $0.copyBytes(from: path.utf8) }
  return name
}

/// The errno of connect(2) to `name`, on a socket of its own; 0 where somebody answers. It does not
/// wait for one whose backlog is full (EAGAIN).
private func probe(_ name: inout sockaddr_un) -> CInt {
  let type = CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue) | CInt(SOCK_NONBLOCK.rawValue)
  let probe = socket(AF_UNIX, type, 0)
  guard probe >= 0 else { return errno }
  defer { close(probe) }
  return unsafe withSockaddr(&name) { unsafe connect(probe, $0, $1) } == 0 ? 0 : errno
}

private func bind<Name>(_ descriptor: CInt, _ name: inout Name) -> CInt {
  unsafe withSockaddr(&name) { unsafe bind(descriptor, $0, $1) }
}

private func withSockaddr<Name>(
  _ name: inout Name, _ body: (UnsafePointer<sockaddr>, socklen_t) -> CInt
) -> CInt {
  unsafe withUnsafePointer(to: &name) {
    unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
      unsafe body($0, socklen_t(MemoryLayout<Name>.size))
    }
  }
}

private func setNonBlocking(_ descriptor: CInt) {
  _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
  _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
}

/// The socket's own address as text. Nil where it has none to show.
private func boundAddress(_ descriptor: CInt) -> String? {
  var storage = sockaddr_storage()
  var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
  return unsafe withUnsafeMutablePointer(to: &storage) { storage in
    unsafe storage.withMemoryRebound(to: sockaddr.self, capacity: 1) { name -> String? in
      guard unsafe getsockname(descriptor, name, &length) == 0 else { return nil }
      if unsafe CInt(name.pointee.sa_family) == AF_UNIX {
        return unsafe name.withMemoryRebound(to: sockaddr_un.self, capacity: 1) { name in
          unsafe withUnsafeBytes(of: &name.pointee.sun_path) {
            unsafe "unix:" + String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
          }
        }
      }
      if unsafe CInt(name.pointee.sa_family) == AF_VSOCK {
        return unsafe name.withMemoryRebound(to: vsock_name.self, capacity: 1) {
          unsafe ListenAddress.vsock(port: $0.pointee.port).description
        }
      }
      var host = [CChar](repeating: 0, count: 64)
      var port = [CChar](repeating: 0, count: 8)
      guard
        unsafe getnameinfo(
          name, length, &host, socklen_t(host.count), &port, socklen_t(port.count),
          NI_NUMERICHOST | NI_NUMERICSERV) == 0
      else { return nil }
      let (hostText, portText) = (text(host), text(port))
      return hostText.contains(":") ? "[\(hostText)]:\(portText)" : "\(hostText):\(portText)"
    }
  }
}

private func text(_ characters: [CChar]) -> String {
  String(decoding: characters.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
}
