import Testing
import WebServer

@Suite struct `A listen address` {
  @Test(arguments: [
    (":10057", ListenAddress.tcp(host: nil, port: 10057)),
    (":0", .tcp(host: nil, port: 0)),
    ("127.0.0.1:0", .tcp(host: "127.0.0.1", port: 0)),
    ("0.0.0.0:65535", .tcp(host: "0.0.0.0", port: 65535)),
    ("[::1]:10057", .tcp(host: "::1", port: 10057)),
    ("[::]:10057", .tcp(host: "::", port: 10057)),
    ("[fe80::1%eth0]:80", .tcp(host: "fe80::1%eth0", port: 80)),
    ("localhost:10057", .tcp(host: "localhost", port: 10057)),
    ("unix:/run/page-migration-exporter.sock", .unix(path: "/run/page-migration-exporter.sock")),
    ("unix:relative:with:colons", .unix(path: "relative:with:colons")),
    ("vsock://:10057", .vsock(port: 10057)),
    ("vsock://:0", .vsock(port: 0)),
    ("vsock://:4294967294", .vsock(port: 4_294_967_294)),
  ])
  func `is written as flags have it, and back`(text: String, address: ListenAddress) {
    #expect(ListenAddress(text) == address)
    #expect(address.description == text)
  }

  @Test(arguments: [
    "", "10057", "localhost", "localhost:", ":", ":65536", ":-1", ":http", ":1 ", "::1:10057",
    "[127.0.0.1]:1", "[::1]", "[::1:1", "::1]:1", "unix:",
    "vsock:", "vsock://", "vsock://:", "vsock://2:10057", "vsock://:4294967295", "vsock://:-1",
    "vsock://:1:2",
    "unix:/\(String(repeating: "x", count: 107))",
  ])
  func `is nothing else`(text: String) {
    #expect(ListenAddress(text) == nil)
  }
}
