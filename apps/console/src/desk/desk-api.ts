import type {
  AlertPage,
  CaseAction,
  CaseState,
  DecisionDetail,
  DeskSession,
  QueueSnapshot,
} from '@veto/domain';
import { ProblemError, problemOfResponse } from './problem-error';

/** Alerts asked for in one page when a gap is loaded. */
const PAGE_ALERT_COUNT = 500;
const DEADLINE_MS = 15_000;

async function request<T>(path: string, init: RequestInit = {}): Promise<T> {
  const response = await fetch(path, {
    ...init,
    signal: init.signal ?? AbortSignal.timeout(DEADLINE_MS),
  }).catch((cause: unknown) => {
    if (init.signal?.aborted === true) throw cause;
    const detail = 'The server could not be reached.';
    throw new ProblemError({ status: 0, code: 'unreachable', detail, requestId: null });
  });
  if (!response.ok) throw await problemOfResponse(response);
  // The wire types are shared with the server through @veto/domain; a reply of the same version has that shape.
  return (await response.json()) as T;
}

function post<T>(path: string, body: unknown): Promise<T> {
  return request<T>(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-veto-desk': '1' },
    body: JSON.stringify(body),
  });
}

const caseUrl = (decisionId: string, verb: string): string =>
  `/desk/cases/${encodeURIComponent(decisionId)}/${verb}`;

/**
 * The console's REST interface. Every call rejects with a `ProblemError`: `unauthenticated` without a session,
 * `version_conflict` when somebody acted first, `unreachable` without a network.
 */
export const deskApi = {
  session: (): Promise<DeskSession> => request('/desk/session'),
  signIn: (token: string): Promise<DeskSession> => post('/desk/session', { token }),
  signOut: async (): Promise<void> => {
    await fetch('/desk/session', { method: 'DELETE', headers: { 'x-veto-desk': '1' } });
  },
  queue: (): Promise<QueueSnapshot> => request('/desk/queue'),
  alertsAfter: (position: number): Promise<AlertPage> =>
    request(`/desk/alerts?after=${position}&limit=${PAGE_ALERT_COUNT}`),
  decision: (decisionId: string, signal?: AbortSignal): Promise<DecisionDetail> =>
    request(`/desk/decisions/${encodeURIComponent(decisionId)}`, signal === undefined ? {} : { signal }),
  act: (decisionId: string, action: CaseAction): Promise<CaseState> =>
    post(caseUrl(decisionId, 'actions'), action),
  undo: (decisionId: string, expectedVersion: number): Promise<CaseState> =>
    post(caseUrl(decisionId, 'undo'), { expected_version: expectedVersion }),
  claim: (decisionId: string, expectedVersion: number): Promise<CaseState> =>
    post(caseUrl(decisionId, 'claim'), { expected_version: expectedVersion }),
  release: (decisionId: string, expectedVersion: number): Promise<CaseState> =>
    post(caseUrl(decisionId, 'release'), { expected_version: expectedVersion }),
} as const;

export type DeskApi = typeof deskApi;
