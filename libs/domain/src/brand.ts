declare const brand: unique symbol;

/** A string or number that must not be mixed up with another of the same shape. */
export type Brand<T, B extends string> = T & { readonly [brand]: B };

/** The merchant's own id of a payment attempt; with the tenant it is the identity of a decision, for ever. */
export type TransactionId = Brand<string, 'TransactionId'>;
/** `dec_` and 26 characters of Crockford base 32: time, then a hash of tenant and transaction id. */
export type DecisionId = Brand<string, 'DecisionId'>;
/** Whose data this is; it comes from the credential, never from the body. */
export type TenantId = Brand<string, 'TenantId'>;
/** `<tenant>|<kind>:<value>`: whose past matters. */
export type EntityKey = Brand<string, 'EntityKey'>;
