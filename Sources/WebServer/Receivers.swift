internal import CReceive
internal import Glibc
internal import Synchronization

/// Reads a socket in the library's place.
protocol Receiver: AnyObject, Sendable {
  /// As recv(2).
  func read(_ buffer: UnsafeMutableRawBufferPointer, _ flags: CInt) -> Int
}

/// The sockets that the library reads through us; all others it reads itself.
final class Receivers: Sendable {
  private let byDescriptor = Mutex<[CInt: any Receiver]>([:])

  fileprivate init() {
    unsafe receive_through { descriptor, buffer, size, flags in
      guard let receiver = receivers.byDescriptor.withLock({ $0[descriptor] }),
        let buffer = unsafe buffer, size > 0
      else { return unsafe receive(descriptor, buffer, size, flags) }
      return unsafe receiver.read(UnsafeMutableRawBufferPointer(start: buffer, count: size), flags)
    }
  }

  func add(_ receiver: any Receiver, for descriptor: CInt) {
    byDescriptor.withLock { $0[descriptor] = receiver }
  }

  /// To be called before the descriptor is closed: from then on its number may be another's.
  func remove(_ receiver: any Receiver, for descriptor: CInt) {
    byDescriptor.withLock { receivers in
      if receivers[descriptor] === receiver { receivers[descriptor] = nil }
    }
  }
}

/// Those of all servers of the process.
let receivers = Receivers()
