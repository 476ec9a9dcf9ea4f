internal import Arguments
internal import Explain
internal import KernelText

struct ExplainOptions: ArgumentGroup {
  let file: String?

  init(_ arguments: inout ArgumentReader) throws(UsageError) {
    file = try arguments.value(
      "explain.thresholds", "file",
      "File of thresholds for explain's rules, in the format in which it prints them.")
  }

  func thresholds() throws(StartFailure) -> Thresholds {
    var thresholds = Thresholds()
    guard let file else { return thresholds }
    do {
      var buffer = [UInt8](repeating: 0, count: 4 << 10)
      var text = PseudoFile(file, keepsOpen: false)
      let length = try text.read(into: &buffer)
      try thresholds.set(from: String(decoding: buffer[..<length], as: UTF8.self), path: file)
    } catch {
      throw StartFailure(error)
    }
    return thresholds
  }
}
