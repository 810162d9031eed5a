/*
 * A dictionary small enough to be read, with one of everything.
 */
#ifndef TESTS_UNIT_FIX_SMALL_DICT_H
#define TESTS_UNIT_FIX_SMALL_DICT_H

#define SMALL_TOP                                                                                  \
    "<fix major='4' minor='4'>\n"                                                                  \
    "<header>\n"                                                                                   \
    " <field name='BeginString' required='Y'/><field name='BodyLength' required='Y'/>\n"           \
    " <field name='MsgType' required='Y'/><field name='MsgSeqNum' required='Y'/>\n"                \
    " <field name='PossDupFlag' required='N'/>\n"                                                  \
    " <group name='NoHops' required='N'><field name='HopCompID' required='N'/></group>\n"          \
    "</header>\n"                                                                                  \
    "<trailer>\n"                                                                                  \
    " <field name='SignatureLength' required='N'/><field name='Signature' required='N'/>\n"        \
    " <field name='CheckSum' required='Y'/>\n"                                                     \
    "</trailer>\n"
#define SMALL_MESSAGES                                                                             \
    "<messages>\n"                                                                                 \
    "<message name='Heartbeat' msgtype='0' msgcat='admin'>\n"                                      \
    " <field name='TestReqID' required='N'/></message>\n"                                          \
    "<message name='NewOrderSingle' msgtype='D' msgcat='app'>\n"                                   \
    " <field name='ClOrdID' required='Y'/>\n"                                                      \
    " <component name='Parties' required='N'/>\n"                                                  \
    " <component name='Instrument' required='Y'/>\n"                                               \
    " <component name='Yield' required='N'/>\n"                                                    \
    " <field name='Side' required='Y'/><field name='ExecInst' required='N'/>\n"                    \
    " <field name='OrderQty' required='N'/><field name='TransactTime' required='N'/>\n"            \
    " <field name='MaturityMonthYear' required='N'/><field name='MaturityDay' required='N'/>\n"    \
    " <field name='ExpireDate' required='N'/><field name='MDEntryTime' required='N'/>\n"           \
    " <field name='Currency' required='N'/><field name='Country' required='N'/>\n"                 \
    " <field name='HeartBtInt' required='N'/><field name='SecurityType' required='N'/>\n"          \
    " <field name='Text' required='N'/><field name='Open' required='N'/>\n"                        \
    " <field name='RawDataLength' required='N'/><field name='RawData' required='N'/>\n"            \
    "</message>\n"                                                                                 \
    "<message name='TwoLetters' msgtype='AE' msgcat='app'>\n"                                      \
    " <field name='Text' required='Y'/></message>\n"                                               \
    "</messages>\n"
#define SMALL_COMPONENTS                                                                           \
    "<components>\n"                                                                               \
    "<component name='Instrument'><field name='Symbol' required='Y'/></component>\n"               \
    "<component name='Yield'><field name='YieldType' required='Y'/></component>\n"                 \
    "<component name='Parties'>\n"                                                                 \
    " <group name='NoPartyIDs' required='N'>\n"                                                    \
    "  <field name='PartyID' required='Y'/><field name='PartyIDSource' required='N'/>\n"           \
    "  <field name='PartyRole' required='Y'/>\n"                                                   \
    "  <component name='PtysSubGrp' required='N'/>\n"                                              \
    " </group></component>\n"                                                                      \
    "<component name='PtysSubGrp'>\n"                                                              \
    " <group name='NoPartySubIDs' required='N'>\n"                                                 \
    "  <field name='PartySubID' required='N'/><field name='PartySubIDType' required='N'/>\n"       \
    "  <field name='Text' required='N'/>\n"                                                        \
    " </group></component>\n"                                                                      \
    "</components>\n"
#define SMALL_FIELDS                                                                               \
    "<fields>\n"                                                                                   \
    "<field number='8' name='BeginString' type='STRING'/>\n"                                       \
    "<field number='9' name='BodyLength' type='LENGTH'/>\n"                                        \
    "<field number='10' name='CheckSum' type='STRING'/>\n"                                         \
    "<field number='11' name='ClOrdID' type='STRING'/>\n"                                          \
    "<field number='15' name='Currency' type='CURRENCY'/>\n"                                       \
    "<field number='18' name='ExecInst' type='MULTIPLEVALUESTRING'>\n"                             \
    " <value enum='1' description='HELD'/><value enum='G' description='ALL_OR_NONE'/></field>\n"   \
    "<field number='34' name='MsgSeqNum' type='SEQNUM'/>\n"                                        \
    "<field number='35' name='MsgType' type='STRING'/>\n"                                          \
    "<field number='38' name='OrderQty' type='QTY'/>\n"                                            \
    "<field number='43' name='PossDupFlag' type='BOOLEAN'/>\n"                                     \
    "<field number='54' name='Side' type='CHAR'>\n"                                                \
    " <value enum='1' description='BUY'/><value enum='2' description='SELL'/></field>\n"           \
    "<field number='55' name='Symbol' type='STRING'/>\n"                                           \
    "<field number='58' name='Text' type='STRING'/>\n"                                             \
    "<field number='60' name='TransactTime' type='UTCTIMESTAMP'/>\n"                               \
    "<field number='77' name='Open' type='CHAR' allowOtherValues='Y'>\n"                           \
    " <value enum='O' description='OPEN'/></field>\n"                                              \
    "<field number='89' name='Signature' type='DATA'/>\n"                                          \
    "<field number='93' name='SignatureLength' type='LENGTH'/>\n"                                  \
    "<field number='95' name='RawDataLength' type='LENGTH'/>\n"                                    \
    "<field number='96' name='RawData' type='DATA'/>\n"                                            \
    "<field number='108' name='HeartBtInt' type='INT'/>\n"                                         \
    "<field number='112' name='TestReqID' type='STRING'/>\n"                                       \
    "<field number='167' name='SecurityType' type='STRING'>\n"                                     \
    " <value enum='CS' description='COMMON_STOCK'/><value enum='FUT' description='FUTURE'/>\n"     \
    " <value enum='LONGERTHANSEVEN' description='LONG_ONE'/></field>\n"                            \
    "<field number='200' name='MaturityMonthYear' type='MONTHYEAR'/>\n"                            \
    "<field number='205' name='MaturityDay' type='DAYOFMONTH'/>\n"                                 \
    "<field number='235' name='YieldType' type='STRING'/>\n"                                       \
    "<field number='273' name='MDEntryTime' type='UTCTIMEONLY'/>\n"                                \
    "<field number='421' name='Country' type='COUNTRY'/>\n"                                        \
    "<field number='432' name='ExpireDate' type='LOCALMKTDATE'/>\n"                                \
    "<field number='447' name='PartyIDSource' type='CHAR'/>\n"                                     \
    "<field number='448' name='PartyID' type='STRING'/>\n"                                         \
    "<field number='452' name='PartyRole' type='INT'/>\n"                                          \
    "<field number='453' name='NoPartyIDs' type='NUMINGROUP'/>\n"                                  \
    "<field number='523' name='PartySubID' type='STRING'/>\n"                                      \
    "<field number='627' name='NoHops' type='NUMINGROUP'/>\n"                                      \
    "<field number='628' name='HopCompID' type='STRING'/>\n"                                       \
    "<field number='802' name='NoPartySubIDs' type='NUMINGROUP'/>\n"                               \
    "<field number='803' name='PartySubIDType' type='INT'/>\n"                                     \
    "<field number='999' name='Unused' type='STRING'/>\n"                                          \
    "</fields>\n"
/* Compilers of today take more than the 4095 characters that every one of C99 must. */
#pragma GCC diagnostic ignored "-Woverlength-strings"
#define SMALL_DICT SMALL_TOP SMALL_MESSAGES SMALL_COMPONENTS SMALL_FIELDS "</fix>\n"

#endif
