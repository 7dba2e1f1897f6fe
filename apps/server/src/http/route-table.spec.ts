import { RouteTable } from './route-table';

describe('the table of routes', () => {
  it('refuses a route of which nobody said who may call it', () => {
    expect(() => new RouteTable().add({ method: 'GET', url: '/v1/secrets' })).toThrow(
      'route GET /v1/secrets: ROUTE_ACCESS does not say who may call it',
    );
  });

  it('asks for HEAD what it asks for GET', () => {
    expect(new RouteTable().accessOf('HEAD', '/v1/decisions/:id')).toEqual({ kind: 'key', scope: 'read' });
  });

  it.each(['/', '/docs', '/docs/swagger-ui.css', '/assets/index-abc.js', '/favicon.svg', '/index.html'])(
    'lets anybody read %s',
    (url) => {
      expect(new RouteTable().accessOf('GET', url)).toEqual({ kind: 'public' });
    },
  );

  it.each(['/desk/secrets', '/v1/x', '/x', '/assets'])('does not know %s', (url) => {
    expect(new RouteTable().accessOf('GET', url)).toBeNull();
  });

  it('lets nobody write to a file', () => {
    expect(new RouteTable().accessOf('POST', '/favicon.svg')).toBeNull();
  });

  it('knows the methods of a path, with a parameter in it', () => {
    const table = new RouteTable();
    table.add({ method: 'GET', url: '/v1/decisions/:id' });
    table.add({ method: ['POST'], url: '/v1/decisions' });
    expect(table.methodsAt('/v1/decisions/dec_1')).toEqual(['GET']);
    expect(table.methodsAt('/v1/decisions')).toEqual(['POST']);
    expect(table.methodsAt('/v1/decisions/dec_1/x')).toEqual([]);
    expect(table.methodsAt('/v1//decisions')).toEqual([]);
  });
});
