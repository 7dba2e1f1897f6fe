const { jestConfig } = require('./jest/jest-config.cjs');

module.exports = jestConfig(__dirname);
