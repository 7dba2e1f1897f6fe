import { ladderLevelOf, type LineStage } from './decision';

describe('the level of the ladder', () => {
  it.each<[string, readonly LineStage[]]>([
    ['L0', []],
    ['L1', ['histories']],
    ['L2', ['model']],
    ['L2', ['histories', 'model']],
    ['L3', ['model', 'deadline']],
    ['L4', ['log']],
    ['L4', ['histories', 'model', 'deadline', 'log']],
  ])('is %s when %j are silent: the deepest of them', (level, silent) => {
    expect(ladderLevelOf(silent)).toBe(level);
  });
});
