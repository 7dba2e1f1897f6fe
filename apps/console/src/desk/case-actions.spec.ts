import { anAlert } from '../testing/an-alert';
import { DeskInMemory } from '../testing/desk-in-memory';
import { CaseActions, shownOutcome, type Decide } from './case-actions';
import { deskApi } from './desk-api';
import { QueueStore } from './queue-store';
import { ServerClock } from './server-clock';

const BLOCK: Decide = { outcome: 'block', reason: 'stolen_card', note: 'called the bank', blockCard: true };
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function aDesk() {
  const alerts = [anAlert({ decisionId: 'dec_1' }), anAlert({ decisionId: 'dec_2' })];
  const server = new DeskInMemory(alerts);
  const clock = new ServerClock(() => server.nowMs);
  const queue = new QueueStore(clock.now);
  queue.load(alerts);
  const said: string[] = [];
  const failures: string[] = [];
  const returned: string[] = [];
  const actions = new CaseActions({
    api: { ...deskApi, ...server.api },
    queue,
    clock,
    undoWindowMs: 10_000,
    events: {
      announce: (text) => said.push(text),
      failed: (text) => failures.push(text),
      returned: (id) => returned.push(id),
    },
  });
  const alert = (id: string) => queue.alert(id)!;
  return { server, queue, actions, said, failures, returned, alert };
}

describe('a payment that is blocked', () => {
  it('is on the screen as blocked before the server has answered, and said to be', () => {
    const { server, actions, said, alert } = aDesk();
    server.hold();
    actions.decide(alert('dec_1'), BLOCK);
    const pending = actions.state.get().pending.get('dec_1');
    expect(pending?.phase).toBe('sending');
    expect(shownOutcome(alert('dec_1'), pending).outcome).toBe('block');
    expect(said).toEqual(['Blocked. Undo available 10 seconds.']);
  });

  it('is sent with its reason, its note and the card', async () => {
    const { server, actions, alert } = aDesk();
    actions.decide(alert('dec_1'), BLOCK);
    await settled();
    expect(server.events[0]).toMatchObject({
      type: 'case_decided',
      outcome: 'block',
      reason: 'stolen_card',
      note: 'called the bank',
      list_entry_id: 'le_card',
    });
  });

  it('can be taken back until the server’s time, and not decided again meanwhile', async () => {
    const { server, actions, alert } = aDesk();
    actions.decide(alert('dec_1'), BLOCK);
    await settled();
    expect(actions.state.get().pending.get('dec_1')).toMatchObject({
      phase: 'undoable',
      effectiveAtMs: server.nowMs + 10_000,
    });
    expect(actions.decide(alert('dec_1'), BLOCK)).toBe(false);
    expect(server.events).toHaveLength(1);
  });

  it('leaves the tray when the time is over', async () => {
    const { server, actions, alert } = aDesk();
    actions.decide(alert('dec_1'), BLOCK);
    await settled();
    server.nowMs += 9_999;
    actions.settle('Ana Ruiz');
    expect(actions.state.get().pending.size).toBe(1);
    server.nowMs += 1;
    actions.settle('Ana Ruiz');
    expect(actions.state.get().pending.size).toBe(0);
  });
});

describe('an undo', () => {
  it('takes the latest back, and brings its row back to the analyst', async () => {
    const { server, actions, returned, alert } = aDesk();
    actions.decide(alert('dec_1'), BLOCK);
    actions.decide(alert('dec_2'), BLOCK);
    await settled();
    expect(actions.undoLatest()).toBe('dec_2');
    await settled();
    expect(returned).toEqual(['dec_2']);
    expect(alert('dec_2').case).toMatchObject({ status: 'open', outcome: null });
    expect(server.cases.get('dec_1')?.status).toBe('deciding');
  });

  it('before the server has answered is sent after the answer', async () => {
    const { server, actions, alert } = aDesk();
    const release = server.hold();
    actions.decide(alert('dec_1'), BLOCK);
    actions.undoLatest();
    release();
    await settled();
    await settled();
    expect(server.events.map(({ type }) => type)).toEqual(['case_decided', 'case_undone']);
    expect(actions.state.get().pending.size).toBe(0);
  });

  it('that comes too late says so', async () => {
    const { server, actions, failures, alert } = aDesk();
    actions.decide(alert('dec_1'), BLOCK);
    await settled();
    server.nowMs += 10_000;
    actions.undo('dec_1');
    await settled();
    expect(failures).toEqual(['Not undone. The undo window has passed; the effect has left.']);
  });

  it('of everything takes everything back', async () => {
    const { server, actions, alert } = aDesk();
    actions.decide(alert('dec_1'), BLOCK);
    actions.decide(alert('dec_2'), BLOCK);
    await settled();
    actions.undoAll();
    await settled();
    expect([...server.cases.values()].map(({ status }) => status)).toEqual(['open', 'open']);
  });

  it('is a word when there is nothing to undo', () => {
    expect(aDesk().actions.undoLatest()).toBeNull();
  });

  it('is still offered after the page was loaded anew', () => {
    const { server, queue, actions } = aDesk();
    const state = server.apply('dec_1', 'Ana Ruiz', {
      type: 'case_decided',
      outcome: 'block',
      reason: 'stolen_card',
      note: null,
      list_entry_id: null,
      effective_at_ms: server.nowMs + 5_000,
    });
    queue.patchCase('dec_1', state);
    actions.settle('Ana Ruiz');
    expect(actions.undoLatest()).toBe('dec_1');
  });
});

describe('two analysts and one payment', () => {
  const theirs = {
    type: 'case_decided',
    outcome: 'approve',
    reason: 'known_customer',
    note: null,
    list_entry_id: null,
    effective_at_ms: 1,
  } as const;

  it('tells the slower one who, what and when, and keeps what she wrote', async () => {
    const { server, actions, alert } = aDesk();
    server.apply('dec_1', 'JP Moreau', theirs);
    actions.decide(alert('dec_1'), BLOCK);
    await settled();
    expect(actions.state.get().conflict).toMatchObject({
      mine: { outcome: 'block', reason: 'stolen_card', note: 'called the bank', version: 0 },
      theirs: { decidedBy: 'JP Moreau', outcome: 'approve', version: 1 },
    });
    expect(alert('dec_1').case.decidedBy).toBe('JP Moreau');
    expect(server.events).toHaveLength(1);
  });

  it('is no conflict when the case was only claimed: the decision goes through', async () => {
    const { server, actions, alert } = aDesk();
    server.apply('dec_1', 'Ana Ruiz', { type: 'case_claimed', until_ms: server.nowMs + 600_000 });
    actions.decide(alert('dec_1'), BLOCK);
    await settled();
    await settled();
    expect(actions.state.get().conflict).toBeNull();
    expect(server.cases.get('dec_1')).toMatchObject({ status: 'deciding', outcome: 'block', version: 2 });
  });
});

describe('a server that cannot be reached', () => {
  it('leaves the payment open, says so, and brings the row back', async () => {
    const { server, actions, failures, returned, alert } = aDesk();
    server.isReachable = false;
    actions.decide(alert('dec_1'), BLOCK);
    await settled();
    expect(actions.state.get().pending.size).toBe(0);
    expect(failures).toEqual(['Not blocked. The server could not be reached.']);
    expect(returned).toEqual(['dec_1']);
    expect(actions.canDecide(alert('dec_1'))).toBe(true);
  });
});
