import { InferenceSession, Tensor } from 'onnxruntime-node';
import { identityModel } from './identity-model';

const PACKAGES = [
  '@fastify/static',
  '@mantine/core',
  '@marcbachmann/cel-js',
  '@nestjs/common',
  '@nestjs/core',
  '@nestjs/platform-fastify',
  '@nestjs/platform-socket.io',
  '@nestjs/swagger',
  '@nestjs/websockets',
  '@tanstack/react-query',
  '@tanstack/react-router',
  '@tanstack/react-virtual',
  'disposable-email-domains-js',
  'fast-check',
  'fastify',
  'lmdb',
  'onnxruntime-node',
  'pino',
  'prom-client',
  'react-dom/server',
  'socket.io',
  'socket.io-client',
  'zod',
];

describe('a package under the tests, whichever module system it is written in', () => {
  it.each(PACKAGES)('%s loads', async (name) => {
    const loaded: object = await import(name);
    expect(Object.keys(loaded)).not.toEqual([]);
  });
});

describe('a module under the tests', () => {
  it('knows its own address', () => {
    expect(import.meta.url).toMatch(/^file:\/\/.*\/packages\.spec\.ts$/);
    expect(import.meta.dirname).toMatch(/\/libs\/tooling\/src$/);
  });

  it('hands its typed arrays to native add-ons', async () => {
    const session = await InferenceSession.create(identityModel());
    const { y } = await session.run({ x: new Tensor('float32', new Float32Array([1, 2]), [2]) });
    expect([...(y?.data ?? [])]).toEqual([1, 2]);
  });
});
