import Service
import Testing

@Suite struct `A line of the log` {
  @Test(
    arguments: [
      ([("msg", "ready")], "msg=ready\n"),
      ([("msg", "two words"), ("err", "")], "msg=\"two words\" err=\"\"\n"),
      ([("err", "a=b")], "err=\"a=b\"\n"),
      ([("err", "say \"no\"\n\u{1b}[31m")], #"err="say \"no\"\n\u001b[31m""# + "\n"),
      ([("path", #"C:\x"#)], #"path=C:\x"# + "\n"),
      ([("path", "/é")], "path=/é\n"),
    ] as [([(String, String)], String)])
  func `is logfmt`(fields: [(String, String)], line: String) {
    #expect(
      LineLogHandler(format: .logfmt, write: { _ in }).line(fields.map { ($0.0, $0.1) }) == line)
  }

  @Test(
    arguments: [
      ([("msg", "ready"), ("n", "1")], #"{"msg":"ready","n":"1"}"# + "\n"),
      ([("err", "\"\\\n\r\t\u{0}\u{7f}é")], #"{"err":"\"\\\n\r\t\u0000\u007fé"}"# + "\n"),
    ] as [([(String, String)], String)])
  func `is JSON`(fields: [(String, String)], line: String) {
    #expect(
      LineLogHandler(format: .json, write: { _ in }).line(fields.map { ($0.0, $0.1) }) == line)
  }
}
