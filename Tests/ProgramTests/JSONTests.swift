import Testing

@testable import page_migration_exporter

@Suite struct `JSON text` {
  @Test(arguments: [
    "null", "true", "[]", "{}", "18446744073709551615", "0.5", "\"a\\\"b\\\\\\n\\u0001\"",
    "[1,[2,{\"a\":null}],\"ü\"]", "{\"b\":1,\"a\":2}",
  ])
  func `is written as it was read`(text: String) {
    #expect(JSONParser.parse(Array(text.utf8))?.text == text)
  }

  @Test(arguments: [
    "", "nul", "[1,]", "[1", "{\"a\"}", "{\"a\":}", "{a:1}", "\"open", "\"\u{1}\"", "1 2",
    "\"\\x\"", "\"\\ud800\"", "--1", String(repeating: "[", count: 100_000),
  ])
  func `is refused where it is not JSON`(text: String) {
    #expect(JSONParser.parse(Array(text.utf8)) == nil)
  }

  @Test func `is refused where it is not UTF-8`() {
    #expect(JSONParser.parse([0x22, 0xff, 0x22]) == nil)
  }

  @Test func `keeps a count above 2^53 exact`() {
    let parsed = JSONParser.parse(Array("{\"n\":9007199254740993}".utf8))
    #expect(parsed?["n"] == .integer(9_007_199_254_740_993))
  }

  @Test func `writes times to the nanosecond`() {
    #expect(JSON.seconds(1_795_395_593_449_288_400).text == "1795395593.449288400")
  }
}
