import { join } from 'node:path';
import { bundledModelDirectory } from './bundled-model-directory';

describe('the shipped artifact', () => {
  afterEach(() => {
    delete process.env['VETO_MODEL_DIR'];
  });

  it('lies in this lib', () => {
    expect(bundledModelDirectory()).toBe(join(__dirname, '..', 'artifacts', 'fraud-gbt'));
  });

  it('is another one where VETO_MODEL_DIR says so', () => {
    process.env['VETO_MODEL_DIR'] = '/srv/models/next';
    expect(bundledModelDirectory()).toBe('/srv/models/next');
  });
});
