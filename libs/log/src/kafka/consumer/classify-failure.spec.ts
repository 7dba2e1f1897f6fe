import { VetoError } from '@veto/domain';
import { classifyFailure } from './classify-failure';
import { BadRecord } from './consumed-record';

describe('a failure', () => {
  it('is the record’s when the handler says so, or when a caller of the API would have been refused', () => {
    expect(classifyFailure(new BadRecord('not_json'))).toEqual({ class: 'bad', reason: 'not_json' });
    expect(classifyFailure(new VetoError('pan_not_accepted', 'card.number'))).toEqual({
      class: 'bad',
      reason: 'pan_not_accepted',
    });
  });

  it('is the world’s when trying again may help', () => {
    const error = new VetoError('store_unavailable', 'Redis', { retryable: true });
    expect(classifyFailure(error)).toEqual({ class: 'world', reason: 'store_unavailable' });
  });

  it('is ours otherwise, and is named by its kind and place, never by its message', () => {
    function parseAmount(): void {
      throw new TypeError('4111111111111111 is not a number');
    }
    try {
      parseAmount();
    } catch (error) {
      expect(classifyFailure(error)).toEqual({ class: 'failed', reason: 'TypeError in parseAmount' });
    }
    expect(classifyFailure(new VetoError('internal', 'x')).class).toBe('failed');
    expect(classifyFailure('4111111111111111')).toEqual({ class: 'failed', reason: 'thrown string' });
    expect(classifyFailure(undefined)).toEqual({ class: 'failed', reason: 'thrown undefined' });
  });

  it('has a reason that fits into a header', () => {
    expect(classifyFailure(new BadRecord('x'.repeat(301))).reason).toHaveLength(300);
    expect(classifyFailure(new BadRecord('x'.repeat(300))).reason).toBe('x'.repeat(300));
  });
});
