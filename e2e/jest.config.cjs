const { jestConfig } = require('../libs/tooling/jest/jest-config.cjs');

module.exports = jestConfig(__dirname);
