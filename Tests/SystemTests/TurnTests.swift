import Synchronization
import System
import Testing

@Suite struct `A turn` {
  @Test func `is taken by one at a time and given back`() {
    let turn = Turn()
    #expect(turn.heldFor == nil)
    #expect(turn.take(until: .now, patience: .seconds(60)))
    #expect(turn.heldFor != nil)
    #expect(!turn.take(until: .now, patience: .seconds(60)))
    turn.give()
    #expect(turn.take(until: .now, patience: .seconds(60)))
  }

  @Test func `is not waited for where its holder is overdue`() {
    let turn = Turn()
    #expect(turn.take(until: .now, patience: .zero))
    let begin = MonotonicTime.now
    #expect(!turn.take(until: .now + .seconds(60), patience: .zero))
    #expect(MonotonicTime.now - begin < .seconds(10))
  }

  @Test func `goes to one who waits as soon as it is free`() throws {
    let turn = Turn()
    #expect(turn.take(until: .now, patience: .seconds(60)))
    let shared = Count()
    for _ in 0..<4 {
      try startThread("waits") {
        guard turn.take(until: .now + .seconds(60), patience: .seconds(60)) else { return }
        shared.count.wrappingAdd(1, ordering: .relaxed)
        turn.give()
      }
    }
    turn.give()
    let end = MonotonicTime.now + .seconds(20)
    while shared.count.load(ordering: .relaxed) < 4, .now < end {
      (MonotonicTime.now + .milliseconds(1)).sleep()
    }
    #expect(shared.count.load(ordering: .relaxed) == 4)
  }
}

private final class Count: Sendable {
  let count = Atomic<Int>(0)
}
