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

@Suite struct `JSON of another host` {
  @Test(arguments: [
    ("null", "null"), (" true ", "true"), ("[false]", "[false]"), ("0", "0"), ("-1.5e3", "-1500"),
    ("18446744073709551615", "18446744073709551615"),
    ("18446744073709551616", "1.8446744073709552e+19"),
    ("0.25", "0.25"), (#""a\"b\\\/\b\f\n\r\tc""#, #""a\"b\\/\u0008\u000c\n\r\tc""#),
    (#""\u00e9\ud83d\ude00é😀""#, "\"é😀é😀\""), ("{}", "{}"), ("[]", "[]"),
    (#"{"a":[1,{"b":null}] , "c" : {} }"#, #"{"a":[1,{"b":null}],"c":{}}"#),
    (String(repeating: "[", count: 16) + String(repeating: "]", count: 16), nil),
  ])
  func `is read as it is meant`(text: String, written: String?) {
    #expect(JSON(reading: Array(text.utf8))?.text == written ?? text)
  }

  @Test(arguments: [
    "", " ", "nul", "nulll", "[", "[1", "[1,", "[1,]", "[1 2]", "{", "{\"a\"}", "{\"a\":}", "{a:1}",
    "{\"a\":1,}", "\"", "\"a", "\"\n\"", #""\x""#, #""\u12""#, #""\u12g4""#, #""\ud83d""#,
    #""\ud83d\u0041""#, #""\ude00""#, "+1", ".5e", "1e400", "-", "1 1", "[1]]", "\u{feff}1", "'a'",
    String(repeating: "[", count: 17) + String(repeating: "]", count: 17),
    String(repeating: "{\"a\":", count: 100_000),
  ])
  func `is refused where it is none`(text: String) {
    #expect(JSON(reading: Array(text.utf8)) == nil)
  }

  @Test func `is refused where it is no UTF-8`() {
    #expect(JSON(reading: Array("\"".utf8) + [0xff] + Array("\"".utf8)) == nil)
  }

  @Test(arguments: [
    "a", "b", "c", "d", "e", "nothing",
  ])
  func `has members of the kind that is asked for, or none`(name: String) throws {
    let text = #"{"a":1,"b":-1.5,"c":"x","d":[true],"e":{"f":2,"f":3},"nothing":null}"#
    let value = try #require(JSON(reading: Array(text.utf8)))[name]
    #expect(value?.count == (name == "a" ? 1 : nil))
    #expect(value?.double == (name == "a" ? 1 : name == "b" ? -1.5 : nil))
    #expect(value?.string == (name == "c" ? "x" : nil))
    #expect(value?.elements?.first?.bool == (name == "d" ? true : nil))
    #expect(value?["f"]?.count == (name == "e" ? 2 : nil))
    #expect(value?.counts?.count == (name == "e" ? 2 : nil))
    #expect((value == nil) == (name == "nothing"))
  }
}
