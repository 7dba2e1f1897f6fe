import { parseQueueUrl } from './queue-url';

describe('the address of the queue', () => {
  it('carries filter, order and selection', () => {
    const url = { q: 'outcome:review score>=65', sort: 'newest', sel: 'dec_1' };
    expect(parseQueueUrl(url)).toEqual(url);
  });

  it('takes a number that somebody typed for a word', () => {
    expect(parseQueueUrl({ q: 4242 })).toEqual({ q: '4242' });
  });

  it('leaves out what is empty or not known', () => {
    expect(parseQueueUrl({ q: '', sort: 'sideways', sel: ['x'], other: 1 })).toEqual({});
  });
});
