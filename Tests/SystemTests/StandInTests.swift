import Synchronization
import System
import TestSupport
import Testing

@Suite struct `Work that may hang` {
  private static var soon: MonotonicTime { .now + .milliseconds(400) }

  @Test func `gives its result where it does not`() {
    #expect(result(by: Self.soon) { 5 } == 5)
    #expect(result(by: Self.soon, hasStandIns: false) { 5 } == 5)
  }

  @Test func `is done by another thread where the first hangs`() {
    let latch = Latch()
    let calls = Calls()
    let value = result(by: Self.soon) {
      let call = calls.count.wrappingAdd(1, ordering: .relaxed).newValue
      if call == 1 { latch.wait() }
      return call
    }
    #expect(value == 2)
    latch.open()
  }

  @Test(arguments: [false, true])
  func `has none where it hangs for all, and holds up nobody`(hasStandIns: Bool) {
    let latch = Latch()
    let calls = Calls()
    let value: Int? = result(by: Self.soon, hasStandIns: hasStandIns) {
      calls.count.wrappingAdd(1, ordering: .relaxed)
      latch.wait()
      return 1
    }
    #expect(value == nil)
    #expect((calls.count.load(ordering: .relaxed) > 1) == hasStandIns)
    latch.open()
  }

  private final class Calls: Sendable {
    let count = Atomic<Int>(0)
  }
}
