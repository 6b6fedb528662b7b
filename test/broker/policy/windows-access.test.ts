import { describe, expect, it } from 'vitest';
import { isAdministrators } from '../../../broker/policy/windows-access.ts';

const admins = '(A;ID;FA;;;SY)(A;ID;FA;;;BA)';

describe('a file or folder of Windows', () => {
  it.each([
    ['file', `O:BAD:AI${admins}(A;ID;0x1200a9;;;BU)`],
    ['file', `O:SYG:SYD:PAI(A;;FA;;;SY)(A;;FA;;;BA)(A;;FR;;;WD)`],
    ['file', `O:BAD:P(D;;FA;;;BG)${admins}`],
    // As Windows makes them below ProgramData: people may put new files there, and exchange none.
    [
      'folder',
      'O:BAD:AI(A;OICIID;FA;;;SY)(A;OICIID;FA;;;BA)(A;OICIIOID;GA;;;CO)(A;OICIID;0x1200a9;;;BU)(A;CIID;DCLCRPCR;;;BU)',
    ],
  ] as const)('is an administrator’s: %s %s', (kind, sddl) => {
    expect(isAdministrators(sddl, kind)).toBe(true);
  });

  it.each([
    ['file', 'owned by a person', `O:S-1-5-21-1-2-3-1001D:AI${admins}`],
    ['file', 'of people who may change it', `O:BAD:AI${admins}(A;ID;0x1301bf;;;BU)`],
    ['file', 'that people may write to', `O:BAD:AI${admins}(A;;FW;;;AU)`],
    ['file', 'that people may add to', `O:BAD:AI${admins}(A;;LC;;;WD)`],
    ['file', 'that people may give rights of', `O:BAD:AI${admins}(A;;FRWD;;;BU)`],
    ['file', 'with no list at all', 'O:BAD:NO_ACCESS_CONTROL'],
    ['file', 'with an empty descriptor', ''],
    ['file', 'with an entry of a kind that is not known', `O:BAD:AI${admins}(XA;;FR;;;WD;(x))`],
    ['file', 'with rights that are not understood', `O:BAD:AI${admins}(A;;FRX;;;WD)`],
    ['folder', 'made by a person', `O:S-1-5-21-1-2-3-1001D:AI${admins}`],
    ['folder', 'that people may remove files from', `O:BAD:AI${admins}(A;OICI;DT;;;BU)`],
    ['folder', 'that people may move away', `O:BAD:AI${admins}(A;OICI;0x1301bf;;;BU)`],
  ] as const)('is not: a %s %s', (kind, _what, sddl) => {
    expect(isAdministrators(sddl, kind)).toBe(false);
  });
});
