import Testing
import Views

@Suite struct `Numbers for people` {
  @Test(arguments: [
    (0.0, "0"), (0.25, "0.25"), (7, "7"), (7.125, "7.13"), (12.34, "12.3"), (850, "850"),
    (999.4, "999"), (999.6, "1k"), (12_345, "12.3k"), (4_560_000, "4.56M"), (1e12, "1T"),
    (1.8e19, "18E"),
  ])
  func `have at most three digits and a unit`(value: Double, text: String) {
    #expect(Readable.number(value) == text)
  }

  @Test(arguments: [
    (0.0, "0 B"), (512, "512 B"), (1024, "1 KiB"), (5_368_709_120, "5 GiB"),
    (1023.9, "1 KiB"), (1_610_612_736, "1.50 GiB"),
  ])
  func `have binary units where they are bytes`(value: Double, text: String) {
    #expect(Readable.bytes(value) == text)
  }

  @Test(arguments: [
    (0.0, "0 %"), (0.0004, "<0.1 %"), (0.003, "0.30 %"), (0.12, "12 %"), (1, "100 %"),
    (.nan, "?"), (.infinity, "huge"), (-0.5, "?"),
  ])
  func `have a percent sign where they are shares`(value: Double, text: String) {
    #expect(Readable.percent(value) == text)
  }

  @Test(arguments: [
    (Duration.nanoseconds(800), "0.80 µs"), (.microseconds(12), "12 µs"),
    (.microseconds(3400), "3.40 ms"), (.seconds(16), "16 s"),
  ])
  func `have a unit of time where they are durations`(value: Duration, text: String) {
    #expect(Readable.duration(value) == text)
  }
}

@Suite struct `A table of text` {
  @Test func `has its first column to the left and the others to the right`() {
    #expect(
      aligned([["", "total", "now"], ["pages", "7", "12.3k"], ["THPs lost", "-"]]) == [
        "           total    now",
        "pages          7  12.3k",
        "THPs lost      -",
      ])
  }
}
