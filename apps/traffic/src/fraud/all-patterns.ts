import { accountTakeover } from './account-takeover';
import { binAttack } from './bin-attack';
import { bustOut } from './bust-out';
import { cardTesting } from './card-testing';
import { deviceFarm } from './device-farm';
import type { FraudPattern } from './fraud-pattern';
import { friendlyFraud } from './friendly-fraud';
import { stolenCardSpree } from './stolen-card-spree';
import { terminalCompromise } from './terminal-compromise';

/** Every way in which this world's fraud happens, in the order in which live traffic goes through them. */
export const fraudPatterns: readonly FraudPattern[] = [
  cardTesting,
  stolenCardSpree,
  binAttack,
  accountTakeover,
  deviceFarm,
  bustOut,
  terminalCompromise,
  friendlyFraud,
];
