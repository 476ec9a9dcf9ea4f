import Testing

@testable import WebServer

@Suite struct `A client` {
  @Test(arguments: [
    "gzip", "GZIP", "x-gzip", "gzip, deflate, br", "deflate;q=0.5, gzip;q=0.1", "*",
    "identity, *;q=0.5", "gzip;q=1.0", " gzip ; q=0.001 ", "br,gzip", "identity;q=0, gzip",
  ])
  func `takes gzip`(header: String) {
    #expect(Accept(header).takesCoding(["gzip", "x-gzip"]))
  }

  @Test(arguments: [
    nil, "", "identity", "deflate, br", "gzip;q=0", "gzip; q=0.000", "gzip;q=0.0000", "gzip;q=",
    "gzip;q=-1", "gzip;q=2", "*;q=0", "gzip;q=0, *",
    "gzipped", "x-gzip;q=0",
  ])
  func `takes no gzip`(header: String?) {
    #expect(!Accept(header).takesCoding(["gzip", "x-gzip"]))
  }
}
