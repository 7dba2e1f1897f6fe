export type { Unanswered } from './ask';
export type { Owed } from './backlog';
export { VetoApiError } from './veto-api-error';
export * from './veto-client';
