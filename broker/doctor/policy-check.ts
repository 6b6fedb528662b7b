/** What the administrator's policy has to do with a server, as a line of a report. */
import type { Check, DoctorReport } from '../../shared/contract/doctor.ts';
import type { PolicyView } from '../../shared/contract/policy.ts';
import { verdictOf } from './examine.ts';
import { failed } from './failed.ts';

/** A report with that line before all others: it explains them. */
export const underPolicy = (report: DoctorReport, policy: PolicyView | undefined): DoctorReport => {
  if (policy === undefined) return report;
  const checks = [policyCheck(policy), ...report.checks];
  return { ...report, checks, verdict: verdictOf(checks) };
};

const policyCheck = (policy: PolicyView): Check => {
  const { file, allowedHosts = {}, required, disabled, problem } = policy;
  if (problem !== undefined) return failed(problem);
  const says = [
    ...(['servers', 'signIn'] as const).flatMap((whom) => {
      const hosts = allowedHosts[whom];
      return hosts === undefined ? [] : [`allowedHosts.${whom}: ${hosts.length}`];
    }),
    ...(required.length === 0 ? [] : [`it sets ${required.join(', ')}`]),
    ...(disabled.length === 0 ? [] : [`it switches off ${disabled.join(', ')}`]),
  ];
  return {
    tone: 'good',
    text: [`the policy of your administrator holds (${file})`, ...says].join('; '),
  };
};
