import { anAlert } from '../../../testing/an-alert';
import { findHits } from './search-field';

const ALERTS = Array.from({ length: 20 }, (_, index) =>
  anAlert({ decisionId: `dec_${index}`, transactionId: `ord_${index}` }),
);

describe('the search field', () => {
  it('finds one payment by a pasted id, of the decision or of the transaction', () => {
    expect(findHits(' ord_7 ', ALERTS)).toEqual([{ decisionId: 'dec_7', alert: ALERTS[7] }]);
    expect(findHits('dec_1', ALERTS)).toEqual([{ decisionId: 'dec_1', alert: ALERTS[1] }]);
  });

  it('finds by anything on the row, eight at most', () => {
    expect(findHits('8153', ALERTS)).toHaveLength(8);
  });

  it('offers to ask the server for an id that is not here', () => {
    expect(findHits('dec_elsewhere', ALERTS)).toEqual([{ decisionId: 'dec_elsewhere', alert: undefined }]);
  });

  it('finds nothing for nothing', () => {
    expect(findHits('   ', ALERTS)).toEqual([]);
  });
});
