import { parseLabel } from './label';

const label = {
  transaction_id: 'ord_1',
  label: 'fraud',
  source: 'chargeback',
  reported_at: '2026-08-24T10:15:02Z',
};

describe('a label at the door', () => {
  it('is let in', () => {
    expect(parseLabel(label)).toEqual({ ok: true, value: label });
  });

  it.each([
    ['/transaction_id', { ...label, transaction_id: '' }],
    ['/label', { ...label, label: 'maybe' }],
    ['/source', { ...label, source: 'rumour' }],
    ['/reported_at', { ...label, reported_at: '2026-08-24' }],
    ['/amount', { ...label, amount: -1 }],
    ['/colour', { ...label, colour: 'red' }],
  ])('is told %s', (pointer, wrong) => {
    expect(parseLabel(wrong)).toMatchObject({ ok: false, code: 'invalid_request', issues: [{ pointer }] });
  });

  it('holds no card number', () => {
    const parsed = parseLabel({ ...label, reason_code: '4242424242424242' });
    expect(parsed).toMatchObject({
      ok: false,
      code: 'pan_not_accepted',
      issues: [{ pointer: '/reason_code' }],
    });
  });
});
