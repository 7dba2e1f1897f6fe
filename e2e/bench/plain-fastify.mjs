/** The baseline of the API bench: a Fastify server that validates the same body by Ajv and answers a small object. Nothing else. */
import Fastify from 'fastify';
import { bodySchema } from './body-schema.mjs';

const server = Fastify();
server.get('/', async () => ({ ok: true }));
server.post('/v1/decisions', { schema: { body: bodySchema } }, async (request) => {
  const { transaction } = /** @type {{transaction: {id: string}}} */ (request.body);
  return { object: 'decision', transaction_id: transaction.id, outcome: 'approve' };
});
await server.listen({ host: '127.0.0.1', port: Number(process.argv[2]) });
