"""The countries that the books start with, by ISO 3166-1 alpha-2 code."""

_LIST = """\
AD Andorra
AE United Arab Emirates
AL Albania
AR Argentina
AT Austria
AU Australia
BA Bosnia and Herzegovina
BD Bangladesh
BE Belgium
BG Bulgaria
BH Bahrain
BR Brazil
BY Belarus
CA Canada
CH Switzerland
CL Chile
CN China
CO Colombia
CR Costa Rica
CY Cyprus
CZ Czechia
DE Germany
DK Denmark
DO Dominican Republic
DZ Algeria
EC Ecuador
EE Estonia
EG Egypt
ES Spain
FI Finland
FO Faroe Islands
FR France
GB United Kingdom
GE Georgia
GI Gibraltar
GR Greece
GT Guatemala
HK Hong Kong
HR Croatia
HU Hungary
ID Indonesia
IE Ireland
IL Israel
IN India
IQ Iraq
IS Iceland
IT Italy
JM Jamaica
JO Jordan
JP Japan
KE Kenya
KH Cambodia
KR Korea, Republic of
KW Kuwait
KZ Kazakhstan
LA Laos
LB Lebanon
LI Liechtenstein
LK Sri Lanka
LT Lithuania
LU Luxembourg
LV Latvia
MA Morocco
MC Monaco
MD Moldova
ME Montenegro
MK North Macedonia
MM Myanmar
MN Mongolia
MO Macao
MT Malta
MX Mexico
MY Malaysia
NG Nigeria
NL Netherlands
NO Norway
NP Nepal
NZ New Zealand
OM Oman
PA Panama
PE Peru
PH Philippines
PK Pakistan
PL Poland
PR Puerto Rico
PT Portugal
PY Paraguay
QA Qatar
RO Romania
RS Serbia
RU Russian Federation
SA Saudi Arabia
SE Sweden
SG Singapore
SI Slovenia
SK Slovakia
SM San Marino
TH Thailand
TN Tunisia
TR Turkey
TW Taiwan
UA Ukraine
US United States
UY Uruguay
UZ Uzbekistan
VA Holy See
VE Venezuela
VN Viet Nam
ZA South Africa
"""

COUNTRIES: dict[str, str] = {line[:2]: line[3:] for line in _LIST.splitlines()}
