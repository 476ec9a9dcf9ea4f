internal import Glibc
internal import KernelText
internal import PageMigration

/// The thread on which a ``Sampler`` takes its snapshots until the program ends.
enum SamplerThread {
  static func start(_ sampler: Sampler) throws(StartFailure) {
    var thread = pthread_t()
    let retained = Unmanaged.passRetained(sampler)
    let number = pthread_create(&thread, nil, sampleForever, retained.toOpaque())
    guard number == 0 else {
      retained.release()
      throw StartFailure("cannot start the sampler: \(String(cString: strerror(number)))")
    }
    pthread_detach(thread)
  }
}

private func sampleForever(_ sampler: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
  let sampler = Unmanaged<Sampler>.fromOpaque(sampler!).takeRetainedValue()
  var schedule = SamplingSchedule(start: Clocks.monotonic(), interval: sampler.interval)
  while true {
    sampler.sample(missed: schedule.advance(past: Clocks.monotonic()))
    Clocks.sleep(untilMonotonic: schedule.deadline)
  }
}
