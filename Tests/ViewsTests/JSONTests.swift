import FoundationEssentials
import Testing
import Views

@Suite struct `JSON text` {
  @Test(arguments: [
    "", "plain", "a\"b\\c\n\r\t", "\u{1}\u{1f}\u{7f}", "ü 🚀", "</script>", "\u{2028}",
  ])
  func `has strings that others read as they were`(string: String) throws {
    let text = JSON.array([.string(string)]).text
    #expect(try JSONDecoder().decode([String].self, from: Data(text.utf8)) == [string])
    #expect(text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7f })
  }

  @Test(arguments: [
    (JSON.null, "null"), (.bool(true), "true"), (.integer(.max), "18446744073709551615"),
    (.number(0.5), "0.5"), (.number(7), "7"), (.number(.nan), "null"), (.number(1e300), "1e+300"),
    (.array([]), "[]"), (.object([]), "{}"),
    (.object([("b", .integer(1)), ("a", .array([.null]))]), "{\"b\":1,\"a\":[null]}"),
    (.seconds(.nanoseconds(1_795_395_593_449_288_400)), "1795395593.449288400"),
  ])
  func `keeps counts exact and members in their order`(json: JSON, text: String) {
    #expect(json.text == text)
  }
}
