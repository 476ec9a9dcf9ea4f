#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#endif

/// A kernel file's text. Nil if there is no such file.
func textFile(_ path: String) throws(ReasonsUnavailable) -> String? {
  let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
  guard file >= 0 else {
    if errno == ENOENT { return nil }
    throw .unreadable(path: path, errno: errno)
  }
  defer { close(file) }

  var bytes: [UInt8] = []
  while bytes.count < textFileBytesMax {
    var failure: CInt = 0
    let chunk = unsafe [UInt8](unsafeUninitializedCapacity: 4096) { buffer, count in
      let got = unsafe read(file, buffer.baseAddress, buffer.count)
      failure = got < 0 ? errno : 0
      count = max(got, 0)
    }
    if failure == EINTR { continue }
    guard failure == 0 else { throw .unreadable(path: path, errno: failure) }
    if chunk.isEmpty { break }
    bytes += chunk
  }
  return String(decoding: bytes, as: UTF8.self)
}

/// A tracepoint's format is about 2 KiB. A file that does not end is not one.
private let textFileBytesMax = 64 * 1024
