/*
 * A stock QuickFIX initiator with a stock-format FIX44.xml and every validation on plays a trading
 * story against the bridge. It fails if QuickFIX itself would refuse any message it gets: a Reject
 * or BusinessMessageReject it wants to send, a Logout it did not ask for, or a report that does not
 * come.
 *
 *     quickfix_client [--tls CA CERTIFICATE KEY] HOST PORT SENDER TARGET USERNAME PASSWORD DICTIONARY
 *                     SYMBOL RESTING_PRICE [QTY]
 *
 * --tls: QuickFIX's own SSL initiator; PEM files, the key an RSA one (it takes no other).
 *
 * SYMBOL must be one where a market order fills at once (venuesim's default market, or POST
 * /sim/market) and where a buy limit at RESTING_PRICE rests. The session's numbers must be fresh
 * (both 1): the store is in memory. Exit code 0: all well; 1: what failed is on stderr; 2: usage.
 */
#include <quickfix/Application.h>
#include <quickfix/Session.h>
#include <quickfix/SessionSettings.h>
#include <quickfix/SSLSocketInitiator.h>
#include <quickfix/SocketInitiator.h>
#include <quickfix/fix44/NewOrderSingle.h>
#include <quickfix/fix44/OrderCancelReplaceRequest.h>
#include <quickfix/fix44/OrderCancelRequest.h>
#include <quickfix/fix44/OrderMassCancelRequest.h>
#include <quickfix/fix44/OrderStatusRequest.h>

#include <chrono>
#include <condition_variable>
#include <functional>
#include <iostream>
#include <list>
#include <memory>
#include <mutex>
#include <sstream>
#include <stdexcept>
#include <string>

namespace
{

constexpr std::chrono::seconds patience(20);

std::string readable(const FIX::Message &message)
{
    std::string text = message.toString();

    for (char &c : text) {
        c = c == '\001' ? '|' : c;
    }
    return text;
}

std::string field(const FIX::FieldMap &map, int tag)
{
    return map.isSetField(tag) ? map.getField(tag) : std::string();
}

/* Collects what comes and what QuickFIX wants to refuse. Called on QuickFIX's thread. */
class Client : public FIX::Application
{
  public:
    std::string username, password;

    void onCreate(const FIX::SessionID &) override
    {
    }

    void onLogon(const FIX::SessionID &) override
    {
        std::lock_guard<std::mutex> lock(mutex_);
        logged_on_ = true;
        logons_++;
        changed_.notify_all();
    }

    void onLogout(const FIX::SessionID &) override
    {
        std::lock_guard<std::mutex> lock(mutex_);
        logged_on_ = false;
        changed_.notify_all();
    }

    void toAdmin(FIX::Message &message, const FIX::SessionID &) override
    {
        std::string type = field(message.getHeader(), 35);

        if (type == "A") {
            message.setField(553, username);
            message.setField(554, password);
        } else {
            std::cout << "-> " << readable(message) << std::endl;
        }
        if (type == "3") {
            fail("QuickFIX rejects a message of the bridge: " + readable(message));
        }
    }

    void toApp(FIX::Message &message, const FIX::SessionID &) throw(FIX::DoNotSend) override
    {
        std::cout << "-> " << readable(message) << std::endl;
        if (field(message.getHeader(), 35) == "j") {
            fail("QuickFIX rejects a message of the bridge: " + readable(message));
        }
    }

    void fromAdmin(const FIX::Message &message,
                   const FIX::SessionID &) throw(FIX::FieldNotFound, FIX::IncorrectDataFormat,
                                                 FIX::IncorrectTagValue, FIX::RejectLogon) override
    {
        std::string type = field(message.getHeader(), 35);

        std::cout << "<- " << readable(message) << std::endl;
        if (type == "3") {
            fail("the bridge rejects a message of QuickFIX: " + readable(message));
        } else if (type == "5" && !leaving) {
            fail("the bridge logs out: " + readable(message));
        }
    }

    void fromApp(const FIX::Message &message,
                 const FIX::SessionID &) throw(FIX::FieldNotFound, FIX::IncorrectDataFormat,
                                               FIX::IncorrectTagValue,
                                               FIX::UnsupportedMessageType) override
    {
        std::lock_guard<std::mutex> lock(mutex_);
        std::cout << "<- " << readable(message) << std::endl;
        received_.push_back(message);
        changed_.notify_all();
    }

    void wait_logon(int number)
    {
        wait("logon", [&] { return logged_on_ && logons_ >= number; });
    }

    void wait_logout()
    {
        wait("logout", [&] { return !logged_on_; });
    }

    /* Takes the first message with all of these fields. */
    FIX::Message expect(std::initializer_list<std::pair<int, std::string>> fields)
    {
        FIX::Message found;
        std::ostringstream text;

        for (const auto &f : fields) {
            text << f.first << '=' << f.second << ' ';
        }
        wait(text.str(), [&] {
            for (auto m = received_.begin(); m != received_.end(); ++m) {
                if (matches(*m, fields)) {
                    found = *m;
                    received_.erase(m);
                    return true;
                }
            }
            return false;
        });
        return found;
    }

    void check()
    {
        std::lock_guard<std::mutex> lock(mutex_);
        if (!failure_.empty()) {
            throw std::runtime_error(failure_);
        }
    }

    volatile bool leaving = false;

  private:
    static bool matches(const FIX::Message &m,
                        std::initializer_list<std::pair<int, std::string>> fields)
    {
        for (const auto &f : fields) {
            if (f.second != (f.first == 35 ? field(m.getHeader(), 35) : field(m, f.first))) {
                return false;
            }
        }
        return true;
    }

    void fail(const std::string &text)
    {
        std::lock_guard<std::mutex> lock(mutex_);
        failure_ = failure_.empty() ? text : failure_;
        changed_.notify_all();
    }

    void wait(const std::string &what, const std::function<bool()> &done)
    {
        std::unique_lock<std::mutex> lock(mutex_);
        bool in_time =
            changed_.wait_for(lock, patience, [&] { return !failure_.empty() || done(); });

        if (!failure_.empty()) {
            throw std::runtime_error(failure_);
        }
        if (!in_time) {
            throw std::runtime_error("in time did not come: " + what);
        }
    }

    std::mutex mutex_;
    std::condition_variable changed_;
    std::list<FIX::Message> received_;
    std::string failure_;
    bool logged_on_ = false;
    int logons_ = 0;
};

struct Story {
    Client &client;
    FIX::SessionID session;
    std::string symbol, price, qty;

    void send(FIX::Message message)
    {
        if (!FIX::Session::sendToTarget(message, session)) {
            throw std::runtime_error("QuickFIX could not send: " + readable(message));
        }
    }

    FIX::Message order(const std::string &id, const std::string &on, char type)
    {
        FIX44::NewOrderSingle m(FIX::ClOrdID(id), FIX::Side(FIX::Side_BUY),
                                FIX::TransactTime(FIX::UtcTimeStamp()), FIX::OrdType(type));

        m.setField(55, on);
        m.setField(38, qty);
        if (type == FIX::OrdType_LIMIT) {
            m.setField(44, price);
        }
        return m;
    }

    FIX::Message cancel(const std::string &id, const std::string &orig)
    {
        FIX44::OrderCancelRequest m(FIX::OrigClOrdID(orig), FIX::ClOrdID(id),
                                    FIX::Side(FIX::Side_BUY),
                                    FIX::TransactTime(FIX::UtcTimeStamp()));

        m.setField(55, symbol);
        m.setField(38, qty);
        return m;
    }

    void new_replace_status_cancel()
    {
        send(order("qf-1", symbol, FIX::OrdType_LIMIT));
        client.expect({ { 35, "8" }, { 11, "qf-1" }, { 150, "0" }, { 39, "0" } });

        FIX44::OrderStatusRequest status(FIX::ClOrdID("qf-1"), FIX::Side(FIX::Side_BUY));
        status.setField(55, symbol);
        send(status);
        client.expect({ { 35, "8" }, { 11, "qf-1" }, { 150, "I" }, { 39, "0" } });

        FIX44::OrderCancelReplaceRequest replace(
            FIX::OrigClOrdID("qf-1"), FIX::ClOrdID("qf-2"), FIX::Side(FIX::Side_BUY),
            FIX::TransactTime(FIX::UtcTimeStamp()), FIX::OrdType(FIX::OrdType_LIMIT));
        replace.setField(55, symbol);
        replace.setField(38, std::to_string(2 * std::stoi(qty)));
        replace.setField(44, price);
        send(replace);
        client.expect({ { 35, "8" }, { 11, "qf-2" }, { 41, "qf-1" }, { 150, "5" }, { 39, "0" } });

        send(cancel("qf-3", "qf-2"));
        client.expect({ { 35, "8" }, { 11, "qf-3" }, { 150, "4" }, { 39, "4" }, { 151, "0" } });
    }

    void fill_and_refusals()
    {
        send(order("qf-4", symbol, FIX::OrdType_MARKET));
        client.expect({ { 35, "8" }, { 11, "qf-4" }, { 150, "F" }, { 39, "2" }, { 151, "0" } });
        send(order("qf-5", "NO_SUCH_SYMBOL", FIX::OrdType_LIMIT));
        client.expect({ { 35, "8" }, { 11, "qf-5" }, { 150, "8" }, { 39, "8" } });
        send(cancel("qf-6", "qf-unknown"));
        client.expect({ { 35, "9" }, { 11, "qf-6" }, { 102, "1" } });
    }

    void mass_cancel()
    {
        send(order("qf-7", symbol, FIX::OrdType_LIMIT));
        client.expect({ { 35, "8" }, { 11, "qf-7" }, { 150, "0" } });

        FIX44::OrderMassCancelRequest all(FIX::ClOrdID("qf-8"), FIX::MassCancelRequestType('7'),
                                          FIX::TransactTime(FIX::UtcTimeStamp()));
        send(all);
        client.expect({ { 35, "r" }, { 11, "qf-8" }, { 531, "7" } });
        client.expect({ { 35, "8" }, { 37, order_id("qf-7") }, { 150, "4" }, { 39, "4" } });
    }

    std::string order_id(const std::string &id)
    {
        FIX44::OrderStatusRequest status(FIX::ClOrdID(id), FIX::Side(FIX::Side_BUY));

        status.setField(55, symbol);
        send(status);
        return field(client.expect({ { 35, "8" }, { 11, id }, { 150, "I" } }), 37);
    }

    /* The order or its reports, whatever was on its way, come across by resend. */
    void drop_and_resume()
    {
        send(order("qf-9", symbol, FIX::OrdType_MARKET));
        FIX::Session::lookupSession(session)->disconnect();
        client.wait_logon(2);
        client.expect({ { 35, "8" }, { 11, "qf-9" }, { 150, "F" }, { 39, "2" } });
        send(order("qf-10", symbol, FIX::OrdType_MARKET));
        client.expect({ { 35, "8" }, { 11, "qf-10" }, { 150, "F" }, { 39, "2" } });
    }

    void play()
    {
        client.wait_logon(1);
        new_replace_status_cancel();
        fill_and_refusals();
        mass_cancel();
        drop_and_resume();
        client.check();
        client.leaving = true;
        FIX::Session::lookupSession(session)->logout();
        client.wait_logout();
        client.check();
    }
};

/* `tls`: its three files, or NULL. */
FIX::SessionSettings settings(char **argv, char **tls)
{
    std::stringstream text;

    text << "[DEFAULT]\nConnectionType=initiator\nReconnectInterval=1\nStartTime=00:00:00\n"
            "EndTime=00:00:00\nHeartBtInt=10\nUseDataDictionary=Y\nValidateFieldsOutOfOrder=Y\n"
            "ValidateFieldsHaveValues=Y\nValidateUserDefinedFields=Y\nCheckLatency=Y\n"
            "ValidateLengthAndChecksum=Y\nCheckCompID=Y\nLogonTimeout=10\nLogoutTimeout=5\n"
            "SocketNodelay=Y\nPersistMessages=Y\n";
    if (tls != NULL) {
        /* It looks for them in this section only. */
        text << "CertificationAuthoritiesFile=" << tls[0] << "\nClientCertificateFile=" << tls[1]
             << "\nClientCertificateKeyFile=" << tls[2] << "\nCertificateVerifyLevel=1\n";
    }
    text << "[SESSION]\nBeginString=FIX.4.4\n"
         << "SocketConnectHost=" << argv[1] << "\nSocketConnectPort=" << argv[2]
         << "\nSenderCompID=" << argv[3] << "\nTargetCompID=" << argv[4]
         << "\nDataDictionary=" << argv[7] << "\n";
    return FIX::SessionSettings(text);
}

} // namespace

int main(int argc, char **argv)
{
    char **tls = NULL;

    if (argc > 5 && std::string(argv[1]) == "--tls") {
        tls = argv + 2;
        argv += 4;
        argc -= 4;
    }
    if (argc != 10 && argc != 11) {
        std::cerr << "usage: quickfix_client [--tls CA CERTIFICATE KEY] HOST PORT SENDER TARGET USERNAME PASSWORD DICTIONARY "
                     "SYMBOL RESTING_PRICE [QTY]\n";
        return 2;
    }
    try {
        Client client;
        client.username = argv[5];
        client.password = argv[6];
        FIX::SessionSettings config = settings(argv, tls);
        FIX::MemoryStoreFactory store;
        std::unique_ptr<FIX::Initiator> initiator;
        Story story{ client, FIX::SessionID("FIX.4.4", argv[3], argv[4]), argv[8], argv[9],
                     argc > 10 ? argv[10] : "1" };

        if (tls != NULL) {
            initiator.reset(new FIX::SSLSocketInitiator(client, store, config));
        } else {
            initiator.reset(new FIX::SocketInitiator(client, store, config));
        }
        initiator->start();
        try {
            story.play();
        } catch (...) {
            initiator->stop(true);
            throw;
        }
        initiator->stop();
    } catch (const std::exception &e) {
        std::cerr << "quickfix_client: " << e.what() << std::endl;
        return 1;
    }
    std::cout << "QuickFIX accepted every message" << std::endl;
    return 0;
}
