internal import CDeflate
internal import Synchronization

/// Compresses bodies with libdeflate: a whole body in one call.
final class Gzip: Sendable {
  // @unchecked: a compressor is used by one thread at a time, which the lock sees to.
  @safe private struct Compressor: ~Copyable, @unchecked Sendable {
    let raw: OpaquePointer

    init(level: CInt) {
      guard let raw = unsafe libdeflate_alloc_compressor(level) else { fatalError("out of memory") }
      unsafe self.raw = unsafe raw
    }

    deinit { unsafe libdeflate_free_compressor(raw) }
  }

  private let compressor: Mutex<Compressor>

  /// - Parameter level: 1 (fast) to 12 (small).
  init(level: CInt) {
    compressor = Mutex(Compressor(level: level))
  }

  /// Replaces `target` by the compressed `source`.
  func compress(_ source: [UInt8], into target: inout [UInt8]) {
    compressor.withLock { compressor in
      let bound = unsafe libdeflate_gzip_compress_bound(compressor.raw, source.count)
      target.removeAll(keepingCapacity: true)
      // Only what is written is made: so much zeroed memory would cost as much as the text itself.
      target.append(addingCapacity: bound) { target in
        unsafe target.withUnsafeMutableBufferPointer { target, count in
          count = unsafe source.withUnsafeBytes { source in
            unsafe libdeflate_gzip_compress(
              compressor.raw, source.baseAddress, source.count, target.baseAddress, target.count)
          }
        }
      }
    }
  }
}
