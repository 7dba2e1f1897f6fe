/** A JSON schema of a payment's body. */
export declare const bodySchema: object;
