internal import Glibc

/// libFuzzer's entry (https://llvm.org/docs/LibFuzzer.html): called with each input it makes up. The
/// parser is chosen by FUZZ_PARSER, so that each has a corpus of its own.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  chosen(Array(UnsafeBufferPointer(start: bytes, count: count)))
  return 0
}

private let chosen: @Sendable ([UInt8]) -> Void = {
  let name = getenv("FUZZ_PARSER").map { String(cString: $0) } ?? ""
  guard let parser = parsers[name] else { fatalError("FUZZ_PARSER names no parser: '\(name)'") }
  return parser
}()

/// What must hold for every input. A trap is a finding, and so is this.
func expect(_ holds: Bool, _ what: @autoclosure () -> String) {
  guard !holds else { return }
  fatalError(what())
}
