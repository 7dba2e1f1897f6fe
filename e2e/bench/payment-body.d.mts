/** The JSON that a merchant sends, in every bench. */
export declare function paymentBody(payment: {
  id: string;
  occurredAtMs: number;
  /** Who pays: no two share a card, a device, an address. */
  who: number;
  /** Sets the amount and the merchant. */
  n: number;
  merchantCount: number;
}): string;
