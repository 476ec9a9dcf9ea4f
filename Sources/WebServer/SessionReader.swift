internal import CGnuTLS
internal import CReceive
internal import Glibc
internal import Synchronization

/// The reader of a connection with TLS: what GnuTLS has decrypted cannot be given back to it, so what is
/// not whole yet is kept here.
///
/// @unchecked: as its superclass.
@safe final class SessionReader: HeadReader, @unchecked Sendable {
  private let session: gnutls_session_t
  /// What has come of a head that is not whole.
  private var arrived: [UInt8] = []

  init(
    _ connection: Connection, _ session: gnutls_session_t, _ limits: Limits,
    _ counters: ServerCounters
  ) {
    unsafe self.session = session
    super.init(connection, limits, counters)
  }

  /// As gnutls_record_recv(3), but for what is said above.
  fileprivate func read(_ buffer: UnsafeMutableRawBufferPointer) -> Int {
    if isAnswering { return Int(GNUTLS_E_AGAIN) }
    // The library is not to be told of what has come with the last head: no event would.
    if isOver || hasMore { return unsafe end(buffer) }
    while true {
      let count = unsafe receive_decrypted(session, buffer.baseAddress, buffer.count)
      guard count > 0 else {
        if count == GNUTLS_E_AGAIN, !arrived.isEmpty { noteBegin() }
        return count
      }
      let new = unsafe UnsafeRawBufferPointer(rebasing: buffer[..<count])
      if !arrived.isEmpty {
        unsafe arrived.append(contentsOf: new)
        // Nothing else changes what they are: who sends byte by byte is not looked at as often.
        let isLineEnd = unsafe new.contains(UInt8(ascii: "\n"))
        guard isLineEnd || arrived.count >= limits.headBytes else { continue }
      }
      let verdict =
        unsafe arrived.isEmpty ? check(new) : arrived.withUnsafeBytes { unsafe check($0) }
      switch verdict {
      case .whole(let head) where head.length <= buffer.count:
        return unsafe give(head, of: max(count, arrived.count), buffer)
      case .whole:
        return unsafe refuse(Refusal(431, "the head is longer than \(buffer.count) bytes"), buffer)
      case .incomplete: if arrived.isEmpty { arrived = unsafe Array(new) }
      case .refused(let refusal): return unsafe refuse(refusal, buffer)
      }
    }
  }

  private func give(
    _ head: CheckedHead, of count: Int, _ buffer: UnsafeMutableRawBufferPointer
  ) -> Int {
    admit(head)
    isAnswering = true
    hasMore = unsafe count > head.length || gnutls_record_check_pending(session) > 0
    if !arrived.isEmpty {
      unsafe buffer.copyBytes(from: arrived.prefix(head.length))
      arrived.removeAll(keepingCapacity: true)
    }
    return head.length
  }

  private func refuse(_ refusal: Refusal, _ buffer: UnsafeMutableRawBufferPointer) -> Int {
    noteRefusal(refusal)
    // It fits in what the kernel has free for a connection that has taken its last answer.
    _ = unsafe refusal.bytes.withUnsafeBytes {
      unsafe gnutls_record_send(session, $0.baseAddress, $0.count)
    }
    return unsafe end(buffer)
  }

  /// Has the library read once more and find the end, where a client did not wait for its answer.
  override func requestEnded() {
    super.requestEnded()
    if hasMore { shutdown(connection.descriptor, CInt(SHUT_RD)) }
  }

  override func unwatch() {
    let session = unsafe UInt(bitPattern: session)
    Self.readers.withLock { readers in
      if readers[session] === self { readers[session] = nil }
    }
  }
}

extension SessionReader {
  /// Those of all servers of the process, by the address of GnuTLS's session.
  private static let readers = Mutex<[UInt: SessionReader]>([:])

  private static let isInstalled: Void = unsafe receive_decrypted_through {
    session, buffer, size in
    guard let session = unsafe session, let buffer = unsafe buffer, size > 0,
      let reader = SessionReader.readers.withLock({ $0[UInt(bitPattern: session)] })
    else { return unsafe receive_decrypted(session, buffer, size) }
    return unsafe reader.read(UnsafeMutableRawBufferPointer(start: buffer, count: size))
  }

  /// From now on the library reads through it.
  func watch() {
    Self.isInstalled
    Self.readers.withLock { unsafe $0[UInt(bitPattern: session)] = self }
  }
}
