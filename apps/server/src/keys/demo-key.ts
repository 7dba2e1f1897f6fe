/**
 * The published key of demo mode, so that the README's curl works when pasted. It opens nothing else: production mode
 * does not know it, and a demo takes it from loopback addresses only.
 */
export const DEMO_API_KEY = 'veto_test_demo0000_PublishedDemoKeyRefusedBeyondLoopback0000001XO6GE';

/** Whose data a demo holds. */
export const DEMO_TENANT = 'demo';
