/** NOTIFY: mail is due. The payload is empty. */
export const queueChannel = 'courierx_queue';
/** NOTIFY: an account's waiting mail may go. The payload is the account's id. */
export const wakeChannel = 'courierx_wake';
/** NOTIFY: customers' webhooks are due. The payload is empty; named in migration 0006 too. */
export const webhooksChannel = 'courierx_webhooks';
