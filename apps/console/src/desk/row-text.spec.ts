import { anAlert } from '../testing/an-alert';
import { cardText, rowTextOf } from './row-text';

describe('the texts of a row', () => {
  it('begin the reason as sentences begin, and name the merchant by its id where it has no name', () => {
    const alert = anAlert({
      topReason: 'the billing country differs',
      merchant: { id: 'mer_1', name: null },
    });
    expect(rowTextOf(alert)).toMatchObject({
      reason: 'The billing country differs',
      merchant: 'mer_1',
      score: '70.0',
    });
  });

  it('are made once per alert', () => {
    const alert = anAlert();
    expect(rowTextOf(alert)).toBe(rowTextOf(alert));
  });
});

describe('a card', () => {
  it.each([
    [{ bin: '457173', last4: '8153', brand: 'visa' }, '••8153 VISA'],
    [{ bin: null, last4: '8153', brand: 'mastercard' }, '••8153 MC'],
    [{ bin: null, last4: '8153', brand: 'other' }, '••8153'],
    [{ bin: null, last4: null, brand: 'amex' }, '•• AMEX'],
    [null, '–'],
  ])('%o reads %s', (card, text) => {
    expect(cardText(card)).toBe(text);
  });
});
