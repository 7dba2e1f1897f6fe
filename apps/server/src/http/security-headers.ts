import type { FastifyInstance } from 'fastify';

/** Nothing from elsewhere, no inline script; styles that components set on elements are the one allowance. */
function contentSecurityPolicy(socketOrigins: readonly string[]): string {
  // A source list knows no IPv6 literals; there, 'self' covers the page's own socket.
  const named = socketOrigins.filter((origin) => !origin.includes('['));
  return [
    "default-src 'self'",
    ["connect-src 'self'", ...named].join(' '),
    "img-src 'self' data:",
    "font-src 'self'",
    "style-src 'self' 'unsafe-inline'",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ');
}

/** On every page that a browser shows. JSON needs none of it: it is never a document. */
export function installSecurityHeaders(
  fastify: FastifyInstance,
  options: { readonly socketOrigins: () => readonly string[]; readonly https: boolean },
): void {
  fastify.addHook('onSend', (_request, reply, payload, done) => {
    if (String(reply.getHeader('content-type') ?? '').startsWith('text/html')) {
      reply.header('content-security-policy', contentSecurityPolicy(options.socketOrigins()));
      reply.header('referrer-policy', 'no-referrer');
      reply.header('cross-origin-opener-policy', 'same-origin');
      reply.header('permissions-policy', 'camera=(), microphone=(), geolocation=(), payment=()');
    }
    if (options.https) reply.header('strict-transport-security', 'max-age=31536000; includeSubDomains');
    done(null, payload);
  });
}
