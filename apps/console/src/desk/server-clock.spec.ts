import { ServerClock } from './server-clock';

describe('the server’s clock', () => {
  it('is this console’s until something is known', () => {
    expect(new ServerClock(() => 100).now()).toBe(100);
  });

  it('believes the frame that travelled least', () => {
    let localMs = 1_000;
    const clock = new ServerClock(() => localMs);
    clock.observe(5_900); // 100 ms under way: looks 4 900 ahead
    localMs = 2_000;
    clock.observe(7_000); // hardly any: 5 000 ahead
    localMs = 3_000;
    clock.observe(7_500); // half a second under way
    expect(clock.now()).toBe(8_000);
  });
});
