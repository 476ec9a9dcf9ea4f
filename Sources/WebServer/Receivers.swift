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
  /// At the place of the descriptor's number.
  private let byDescriptor = Mutex<[(any Receiver)?]>([])

  fileprivate init() {
    unsafe receive_through { descriptor, buffer, size, flags in
      guard let receiver = receivers.receiver(of: descriptor), let buffer = unsafe buffer, size > 0
      else { return unsafe receive(descriptor, buffer, size, flags) }
      return unsafe receiver.read(UnsafeMutableRawBufferPointer(start: buffer, count: size), flags)
    }
  }

  func add(_ receiver: any Receiver, for descriptor: CInt) {
    let index = Int(descriptor)
    byDescriptor.withLock { receivers in
      if index >= receivers.count {
        receivers += repeatElement(nil, count: index + 1 - receivers.count)
      }
      receivers[index] = receiver
    }
  }

  /// To be called before the descriptor is closed: from then on its number may be another's.
  func remove(_ receiver: any Receiver, for descriptor: CInt) {
    let index = Int(descriptor)
    byDescriptor.withLock { receivers in
      if receivers.indices.contains(index), receivers[index] === receiver { receivers[index] = nil }
    }
  }

  private func receiver(of descriptor: CInt) -> (any Receiver)? {
    let index = Int(descriptor)
    return byDescriptor.withLock { $0.indices.contains(index) ? $0[index] : nil }
  }
}

/// Those of all servers of the process.
let receivers = Receivers()
