import { VetoUnavailableError, type VetoClient, type VetoClientOptions } from './index';
import {
  aClient,
  answers,
  decision,
  label,
  MisbehavingServer,
  refuses,
  resets,
} from './misbehaving-server.spec-support';

describe('a merchant with the client', () => {
  const server = new MisbehavingServer();
  const client = (overrides: Partial<VetoClientOptions> = {}): VetoClient => aClient(server, overrides);

  beforeAll(() => server.open());
  afterAll(() => server.close());
  beforeEach(() => {
    server.seen.length = 0;
  });

  describe('that tells what a payment turned out to be', () => {
    it('knows that it arrived', async () => {
      server.behaves(refuses(503, 'log_unavailable'), answers(201, { status: 'recorded' }));
      expect(await client().label(label)).toEqual({ status: 'sent', attemptCount: 2 });
      expect(server.seen[0]).toMatchObject({
        method: 'POST',
        url: '/v1/labels',
        body: JSON.stringify(label),
      });
    });

    it('is told by an exception that the payment is unknown', async () => {
      server.behaves(refuses(404, 'not_found'));
      await expect(client().label(label)).rejects.toMatchObject({ code: 'not_found', status: 404 });
    });
  });

  describe('that looks a decision up', () => {
    const revised = {
      ...decision,
      version: 2,
      outcome: 'block',
      revisions: [
        { version: 1, outcome: 'review', reason: null },
        { version: 2, outcome: 'block', reason: 'stolen' },
      ],
    };

    it('finds it by its id, with its revisions', async () => {
      server.behaves(answers(200, revised));
      expect(await client().getDecision('dec_1')).toEqual(revised);
      expect(server.seen[0]).toMatchObject({ method: 'GET', url: '/v1/decisions/dec_1' });
    });

    it('finds it by the id of the payment', async () => {
      server.behaves(answers(200, revised));
      expect(await client().findDecision('ord/1 ?')).toMatchObject({ id: 'dec_1' });
      expect(server.seen[0]?.url).toBe('/v1/decisions?transaction_id=ord%2F1%20%3F');
    });

    it('finds nothing where there is nothing', async () => {
      server.behaves(refuses(404, 'not_found'));
      expect(await client().findDecision('ord_9')).toBeNull();
    });

    it('says that Veto does not answer, which is not the same as nothing', async () => {
      server.behaves(resets);
      await expect(client({ attemptsMax: 1 }).findDecision('ord_1')).rejects.toBeInstanceOf(
        VetoUnavailableError,
      );
    });
  });
});
