import Collectors
import Testing
import Views

@Suite struct `The collectors of the page` {
  @Test func `are all that there are, each with what it tells`() {
    #expect(Set(CollectorState.all.map(\.name)) == Set(everyCollector().map(\.name)))
  }
}
