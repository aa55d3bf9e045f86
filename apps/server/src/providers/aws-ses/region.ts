const REGION = /^[a-z]{2,4}(-[a-z]{2,12}){1,2}-\d{1,2}$/;

export function isRegion(region: string): boolean {
  return REGION.test(region);
}

/** What the names of AWS's hosts end in, by partition. */
export function domainOf(region: string): string {
  if (region.startsWith('cn-')) return 'amazonaws.com.cn';
  return region.startsWith('eusc-') ? 'amazonaws.eu' : 'amazonaws.com';
}

/** An SNS topic. */
export type Topic = {
  readonly arn: string;
  readonly region: string;
  readonly account: string;
  readonly name: string;
};

const TOPIC =
  /^arn:(aws|aws-cn|aws-us-gov|aws-eusc):sns:([a-z0-9-]{1,40}):(\d{12}):([A-Za-z0-9_-]{1,256})$/;

/** Null where it is not the ARN of a standard topic; SES does not publish to FIFO topics. */
export function parseTopicArn(arn: string): Topic | null {
  const [, , region = '', account = '', name = ''] = TOPIC.exec(arn) ?? [];
  return isRegion(region) ? { arn, region, account, name } : null;
}
