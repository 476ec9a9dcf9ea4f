internal import Glibc
internal import Synchronization

/// What a service manager listens on for the words of its services (sd_notify(3)).
package final class NotifySocket: Sendable {
  /// As NOTIFY_SOCKET has it.
  package let address: String
  private let descriptor: CInt
  private let folder: TemporaryTree
  private let messages = Mutex<[String]>([])

  package init(isAbstract: Bool = false) throws {
    folder = try TemporaryTree()
    descriptor = socket(
      AF_UNIX, CInt(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
    let path = "\(folder.path)/notify"
    address = isAbstract ? "@\(path)" : path
    var name = sockaddr_un()
    name.sun_family = sa_family_t(AF_UNIX)
    var bytes = Array(address.utf8)
    if isAbstract { bytes[0] = 0 }
    withUnsafeMutableBytes(of: &name.sun_path) { $0.copyBytes(from: bytes) }
    let length = socklen_t(2 + bytes.count + (isAbstract ? 0 : 1))
    let descriptor = descriptor
    let result = withUnsafeMutablePointer(to: &name) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, length) }
    }
    guard result == 0 else { throw systemFailure("bind") }
  }

  deinit { close(descriptor) }

  /// All messages that have come by now.
  package func received() -> [String] {
    messages.withLock { messages in
      var buffer = [UInt8](repeating: 0, count: 4096)
      while case let count = recv(descriptor, &buffer, buffer.count, 0), count >= 0 {
        messages.append(String(decoding: buffer.prefix(count), as: UTF8.self))
      }
      return messages
    }
  }

  /// Those of them that say so.
  package func received(_ word: String) -> [String] {
    received().filter { $0.split(separator: "\n").contains { $0.hasPrefix(word) } }
  }

  /// Fills the queue, so that it takes no more.
  package func fill() throws {
    let sender = socket(AF_UNIX, CInt(SOCK_DGRAM.rawValue | SOCK_NONBLOCK.rawValue), 0)
    defer { close(sender) }
    var name = sockaddr_un()
    var length = socklen_t(MemoryLayout<sockaddr_un>.size)
    let descriptor = descriptor
    withUnsafeMutablePointer(to: &name) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { name in
        _ = getsockname(descriptor, name, &length)
        while sendto(sender, "x", 1, 0, name, length) == 1 {}
      }
    }
    guard errno == EAGAIN else { throw systemFailure("sendto") }
  }
}
